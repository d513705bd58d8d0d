-- One row per channel: what speaks for an effect of its own, beyond the credit for having been there.
-- Credit describes paths; this compares people. A positive difference that could come from who is reached is none.
-- grain: channel
with

settings as (select * from config.settings),

compared as (
    select
        drivers.*,
        list_filter(warnings, lambda warning: warning <> 'one_channel') as reasons
    from marts.drivers as drivers
    where kind = 'channel' and outcome = 'converting'
),

held_out as (
    -- The newest of several hold-outs of a channel would be a guess; the one with most people is the surest.
    select
        treated.channel, treated.difference, treated.difference_low, treated.difference_high, treated.count_people,
        treated.window_days, treated.verdict, control.count_people as count_control
    from marts.experiments as treated
    join marts.experiments as control
        on control.experiment = treated.experiment and control.metric = 'conversion' and control.is_control
    where treated.metric = 'conversion' and not treated.is_control and treated.channel is not null
        and treated.verdict in ('higher', 'lower', 'no difference shown')
    qualify row_number() over (
        partition by treated.channel
        order by least(treated.count_people, control.count_people) desc, treated.experiment, treated.variant) = 1
),

channels as (
    select channel from core.touches
    union
    select channel from held_out
),

judged as (
    select
        channels.channel,
        case
            when compared.p_adjusted is null then 'not enough data'
            when len(reasons) > 0 then 'confounded'
            when p_adjusted <= 0.05 and difference_low > 0 and len(warnings) = 0 then 'evidence of effect'
            else 'no effect shown'
        end as evidence,
        compared.*
    from channels
    left join compared on compared.driver = channels.channel
),

worded as (
    select
        judged.*,
        settings.effect_days,
        printf('%+.1f points (%+.1f to %+.1f)', difference * 100, difference_low * 100, difference_high * 100) as points,
        array_to_string(list_transform(reasons, lambda reason: case reason
            when 'bought_before' then 'those it reached differ from others in their orders of the days before already'
            when 'decided_before' then 'those it reached were about to buy before it did'
            when 'same_day' then 'people use it to buy what they had decided on: they order on the very day'
            else 'it reaches other people than other channels do'
        end), '; ') as why
    from judged
    cross join settings
),

together as (
    select
        worded.channel,
        case
            when held_out.channel is null then worded.evidence
            when held_out.verdict = 'higher' then 'evidence of effect'
            else 'no effect shown'
        end as evidence,
        held_out.channel is not null as is_held_out,
        case
            when held_out.channel is not null then held_out.difference
            when worded.evidence <> 'not enough data' then worded.difference
        end as difference,
        case
            when held_out.channel is not null then held_out.difference_low
            when worded.evidence <> 'not enough data' then worded.difference_low
        end as difference_low,
        case
            when held_out.channel is not null then held_out.difference_high
            when worded.evidence <> 'not enough data' then worded.difference_high
        end as difference_high,
        coalesce(held_out.count_people, worded.count_exposed, 0) as count_exposed,
        coalesce(held_out.count_control, worded.count_unexposed, 0) as count_unexposed,
        case
            when held_out.channel is not null
                then 'People kept from it by chance ordered '
                    || case held_out.verdict when 'higher' then 'less often' when 'lower' then 'more often' else 'as often' end
                    || ' within ' || held_out.window_days || ' days: with it ' || printf(
                        '%+.1f points (%+.1f to %+.1f).', held_out.difference * 100, held_out.difference_low * 100,
                        held_out.difference_high * 100)
            when worded.evidence = 'not enough data' then 'Too few days with it, or too few orders after them, to compare.'
            when worded.evidence = 'confounded' then 'Not causal, test it: ' || why || '.'
            else 'Ordered within ' || effect_days || ' days ' || case worded.evidence when 'evidence of effect' then '' else 'no ' end
                || 'more often than others who were alike before: ' || points || '.'
        end as says
    from worded
    left join held_out on held_out.channel = worded.channel
)

select
    channel,                                               -- Channel.
    evidence,                                              -- evidence of effect, no effect shown, confounded, or not enough data.
    case when is_held_out then 'hold-out' else 'exposure' end as basis,    -- hold-out: people were kept from it by chance; exposure: people it touched beside others touched on such a day.
    difference,                                            -- Share who ordered with it less the share without it; null when there is not enough data.
    difference_low,                                        -- Lower end of its 95 % interval.
    difference_high,                                       -- Upper end.
    count_exposed,                                         -- With it: days of people; of a hold-out, people.
    count_unexposed,                                       -- Without it: days of people; of a hold-out, people held out.
    says                                                   -- The same in a sentence.
from together
