-- One row per funnel and length of time after which somebody converted: the share converted by then (Kaplan and Meier 1958).
-- Who is still on the way counts for as long as they were seen; who was cut or ran out of time stays, as one who did not.
-- grain: funnel_index, days
with

lived as (
    select
        entries.funnel_index,
        outcome = 'converted' as is_converted,
        case
            when outcome = 'converted' then ended_at - started_at
            else least(window_ends_at, as_of) - started_at
        end as lasted
    from core.funnel_entries as entries
    cross join config.settings
    where is_counted
),

counted as (
    select
        funnel_index,
        greatest(epoch(lasted), 0) / 86400 as days,
        count(*) filter (where is_converted) as count_converted,
        count(*) as count_ended
    from lived
    group by all
),

risked as (
    select *, sum(count_ended) over (partition by funnel_index order by days desc) as count_at_risk
    from counted
),

survived as (
    select
        funnel_index, days, count_converted, count_at_risk,
        product(1 - count_converted / count_at_risk) over so_far as staying,
        sum(case when count_at_risk > count_converted
            then count_converted / (count_at_risk * (count_at_risk - count_converted)) end) over so_far as spread
    from risked
    where count_converted > 0
    window so_far as (partition by funnel_index order by days)
)

select
    funnel_index,                                          -- Funnel in config.funnels.
    days,                                                  -- Days since the first step.
    cast(count_at_risk as bigint) as count_at_risk,        -- Entries seen for at least as long and not converted before.
    count_converted,                                       -- Of these, converted just then.
    1 - staying as converted_share,                        -- Share converted by then.
    case when staying < 1e-9 then 1 - staying else 1 - staying ** exp(1.959964 * sqrt(spread) / ln(staying)) end as converted_share_low,    -- Lower end of its 95 % interval (log-log; Kalbfleisch and Prentice 1980).
    case when staying < 1e-9 then 1 - staying else 1 - staying ** exp(-1.959964 * sqrt(spread) / ln(staying)) end as converted_share_high    -- Upper end.
from survived
