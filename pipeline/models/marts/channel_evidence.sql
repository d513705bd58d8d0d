-- One row per channel: what speaks for an effect of its own, beyond the credit for having been there.
-- This compares people. A positive difference that could come from who is reached is none.
-- grain: channel
with

settings as (select * from config.settings),

compared as (
    select *, list_filter(warnings, lambda warning: warning <> 'one_channel') as reasons
    from marts.drivers where kind = 'channel' and outcome = 'converting'
),

arms as (
    select *, sum(if(metric = 'conversion', value * count_people, 0)) over (partition by experiment, variant) as count_buyers
    from marts.experiments
),

held_out as (
    -- The newest of several hold-outs of a channel would be a guess; the one with most people is the surest.
    -- Where less than five buyers were to be expected in an arm, as many in both means nothing (Cochran 1954).
    select
        treated.channel, treated.experiment, treated.metric, treated.difference, treated.difference_low, treated.difference_high,
        treated.count_people, treated.window_days, treated.verdict, control.count_people as count_control,
        -- As many in both arms shows no effect only where an effect that matters would have been seen.
        treated.verdict = 'no difference shown' and treated.difference_high > coalesce(
            if(treated.metric = 'revenue', revenue_needed, difference_needed), agree_within * control.value) as is_open,
        if(
            treated.metric = 'revenue',
            printf('%+.2f %s a person (%+.2f to %+.2f).', round(treated.difference, 2) + 0.0, reporting_currency, treated.difference_low, treated.difference_high),
            printf('%+.1f in 100 (%+.1f to %+.1f).', treated.difference * 100, treated.difference_low * 100, treated.difference_high * 100)) as amounts
    from arms as treated
    cross join settings
    join arms as control
        on control.experiment = treated.experiment and control.metric = treated.metric and control.is_control
    left join marts.break_even as worth on worth.channel = treated.channel and worth.experiment = treated.experiment
    where treated.is_main and not treated.is_control and treated.channel is not null
        and treated.verdict in ('higher', 'lower', 'no difference shown')
        and least(treated.count_people, control.count_people)
            * (treated.count_buyers + control.count_buyers) / (treated.count_people + control.count_people) >= 5
    qualify row_number() over (
        partition by treated.channel
        order by least(treated.count_people, control.count_people) desc, treated.experiment, treated.variant) = 1
),

channels as (select channel from core.touches union select channel from held_out),

judged as (
    select
        channels.channel, case
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
        judged.*, settings.effect_days, printf('%+.1f in 100 (%+.1f to %+.1f)', difference * 100, difference_low * 100, difference_high * 100) as points,
        array_to_string(list_transform(reasons, lambda reason: case reason
            when 'bought_before' then 'those it reached differ from others in their orders of the days before already'
            when 'decided_before' then 'those it reached were about to buy before it did'
            when 'same_day' then 'people use it to buy what they had decided on: they order on the very day'
            else 'it reaches other people than other channels do' end), '; ') as why from judged cross join settings
),

together as (
    select
        worded.channel,
        case
            when held_out.channel is null then worded.evidence
            when is_open then 'not enough data'
            else if(held_out.verdict = 'higher', 'evidence of effect', 'no effect shown')
        end as evidence,
        held_out.channel is not null as is_held_out, coalesce(held_out.metric, 'conversion') as metric,
        coalesce(held_out.difference, if(worded.evidence = 'not enough data', null, worded.difference)) as difference,
        coalesce(held_out.difference_low, if(worded.evidence = 'not enough data', null, worded.difference_low)) as difference_low,
        coalesce(held_out.difference_high, if(worded.evidence = 'not enough data', null, worded.difference_high)) as difference_high,
        coalesce(held_out.count_people, worded.count_exposed, 0) as count_exposed,
        coalesce(held_out.count_control, worded.count_unexposed, 0) as count_unexposed,
        case
            when held_out.channel is not null
                then 'People kept from it by chance ' || case held_out.metric || ' ' || held_out.verdict
                        when 'revenue higher' then 'spent less'
                        when 'revenue lower' then 'spent more'
                        when 'conversion higher' then 'ordered less often'
                        when 'conversion lower' then 'ordered more often'
                        else if(held_out.metric = 'revenue', 'spent as much', 'ordered as often')
                    end || ' within ' || held_out.window_days || ' days: with it ' || held_out.amounts || if(is_open, ' So few people leave an effect open.', '')
            when worded.evidence = 'not enough data' then 'Too few days with it, or too few orders after them, to compare.'
            when worded.evidence = 'confounded' then 'Not causal, test it: ' || why || '.'
            else 'Ordered within ' || effect_days || ' days ' || case when worded.evidence = 'evidence of effect' then 'more often than'
                    when worded.difference_low > 0 then 'more often, but no more than chance or one other channel explains, than'
                    when worded.difference_high < 0 then 'less often than' else 'neither clearly more nor less often than' end
                || ' others who were alike before: ' || points || '.'
        end as says,
        if(held_out.metric = 'revenue', revenue_needed, difference_needed) as needed
    from worded
    left join held_out on held_out.channel = worded.channel
    left join marts.break_even as worth on worth.channel = worded.channel and worth.experiment = coalesce(held_out.experiment, '')
)

select
    channel,                                               -- Channel.
    evidence,                                              -- evidence of effect, no effect shown, confounded, or not enough data.
    case when is_held_out then 'hold-out' else 'exposure' end as basis,    -- hold-out: people were kept from it by chance; exposure: people it touched beside others touched on such a day.
    metric,                                                -- conversion: share who ordered; revenue: revenue a person, of a hold-out that is judged by it.
    difference,                                            -- The metric with it less the metric without it; null when there is not enough data.
    difference_low,                                        -- Lower end of its 95 % interval.
    difference_high,                                       -- Upper end.
    count_exposed,                                         -- With it: days of people; of a hold-out, people.
    count_unexposed,                                       -- Without it: days of people; of a hold-out, people held out.
    needed as difference_needed,                           -- The difference at which it pays for itself (marts.break_even); null without spend or what an order leaves.
    case when is_held_out then case when needed > difference_high then 'no' when needed < difference_low then 'yes' when needed is not null and difference is not null then 'open' end end as pays,    -- yes or no: it does, or does not, with certainty; open; null without a hold-out, as nothing else can show it.
    says || case when needed is null or difference is null then '' when metric = 'revenue' then printf(' It pays for itself from %+.2f a person on.', needed)
        else printf(' It pays for itself from %+.1f in 100 on.', needed * 100) end as says    -- The same in a sentence.
from together
