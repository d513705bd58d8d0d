-- One row per conclusion from the credit of channels: in how many of the 36 variants it holds as well.
-- Variants are look-backs of 7, 30 and 90 days, with and without Direct, three readings of who is who, two rules for visits.
-- grain: conclusion, channel
with

settings as (select * from config.settings),

shown as (
    select credit.*
    from marts.sensitivity as credit
    where credit.channel <> 'No tracked touchpoint'
),

as_set as (
    select channel, place, conversions, conversions_share, credited_revenue,
        lead(channel) over (order by place) as next_channel,
        lead(conversions) over (order by place) as next_conversions,
        lead(credited_revenue) over (order by place) as next_revenue
    from shown
    where is_as_set
),

variants as (select distinct lookback, direct, linking, session_rule from shown where lookback <> 'as set'),

compared as (
    select
        variants.*, as_set.channel, as_set.place, as_set.next_channel, as_set.conversions, as_set.next_conversions,
        as_set.conversions_share,
        coalesce(mine.credited_revenue, 0) as revenue, coalesce(theirs.credited_revenue, 0) as next_revenue,
        coalesce(mine.conversions_share, 0) as varied_share,
        coalesce(mine.place = 1, false) as is_first
    from variants
    cross join as_set
    left join shown as mine using (lookback, direct, linking, session_rule, channel)
    left join shown as theirs
        on theirs.lookback = variants.lookback and theirs.direct = variants.direct and theirs.linking = variants.linking
        and theirs.session_rule = variants.session_rule and theirs.channel = as_set.next_channel
),

tested as (
    select 'earns_most' as conclusion, channel, cast(null as varchar) as other_channel, place, conversions as n, is_first as holds,
        lookback, direct, linking, session_rule, varied_share, conversions_share
    from compared where place = 1
    union all
    select 'earns_more', channel, next_channel, place, least(conversions, next_conversions), revenue > next_revenue,
        lookback, direct, linking, session_rule, varied_share, conversions_share
    from compared where next_channel is not null
    union all
    select 'share_stays', channel, null, place, conversions,
        abs(varied_share - conversions_share) <= greatest(settings.agree_within * conversions_share, settings.agree_within_share),
        lookback, direct, linking, session_rule, varied_share, conversions_share
    from compared cross join settings
),

by_setting as (
    -- Which single choice the conclusion breaks with most often.
    select conclusion, channel, given.setting, given.choice, count(*) filter (where not holds) as count_broken, count(*) as n
    from (
        select conclusion, channel, holds, unnest([
            {'setting': 'lookback', 'choice': lookback}, {'setting': 'direct', 'choice': direct},
            {'setting': 'linking', 'choice': linking}, {'setting': 'session_rule', 'choice': session_rule}]) as given
        from tested
    )
    group by all
),

weakest as (
    select conclusion, channel,
        arg_max((setting || ' ' || choice), (count_broken / n, setting, choice)) as breaks_with,
        max(count_broken / n) as broken_share
    from by_setting
    group by conclusion, channel
)

select
    tested.conclusion,                                     -- earns_most: of all channels; earns_more: than the next one; share_stays: within attribution.agree_within.
    tested.channel,                                        -- The channel it is about.
    any_value(tested.other_channel) as other_channel,      -- The channel it earns more than.
    cast(any_value(tested.place) as integer) as place,     -- The channel's place as set; 1 earns most revenue.
    cast(round(any_value(tested.n)) as bigint) as count_orders,    -- Orders credited as set; of two channels, those of the one with fewer.
    any_value(tested.n) >= any_value(settings.guard_n) as is_enough,    -- They are as many as reporting.guard_n asks for.
    count(*) as count_variants,                            -- Variants looked at.
    count(*) filter (where tested.holds) as count_holds,   -- Variants in which it holds: it survives so many.
    any_value(tested.conversions_share) as conversions_share,    -- The channel's share of the orders credited to channels, as set.
    min(tested.varied_share) as conversions_share_least,   -- The least share in any variant.
    max(tested.varied_share) as conversions_share_most,    -- The largest.
    case when any_value(weakest.broken_share) > 0 then any_value(weakest.breaks_with) end as breaks_with,    -- Setting and choice with which it fails most often; null when it always holds.
    any_value(weakest.broken_share) as broken_share,       -- Share of the variants with that choice in which it fails.
    list(concat_ws(', ', tested.lookback, tested.direct, tested.linking, tested.session_rule)
        order by tested.lookback, tested.direct, tested.linking, tested.session_rule)
        filter (where not tested.holds) as broken_in       -- Every variant in which it fails; null when it always holds.
from tested
join weakest using (conclusion, channel)
cross join settings
group by tested.conclusion, tested.channel
