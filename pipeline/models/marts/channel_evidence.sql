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
    from (select distinct channel from core.touches) as channels
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
)

select
    channel,                                               -- Channel.
    evidence,                                              -- evidence of effect, no effect shown, confounded, or not enough data.
    'exposure' as basis,                                   -- hold-out: people were kept from it by chance; exposure: people it touched beside others touched on such a day.
    case when evidence <> 'not enough data' then difference end as difference,    -- Share who ordered among the exposed less that of the others; null when there is not enough data.
    case when evidence <> 'not enough data' then difference_low end as difference_low,    -- Lower end of its 95 % interval.
    case when evidence <> 'not enough data' then difference_high end as difference_high,    -- Upper end.
    coalesce(count_exposed, 0) as count_exposed,           -- Exposed: days of people; of a hold-out, people.
    coalesce(count_unexposed, 0) as count_unexposed,       -- Others: days of people; of a hold-out, people held out.
    case evidence
        when 'not enough data' then 'Too few days with it, or too few orders after them, to compare.'
        when 'confounded' then 'Not causal, test it: ' || why || '.'
        when 'evidence of effect'
            then 'Ordered within ' || effect_days || ' days more often than others who were alike before: ' || points || '.'
        else 'Ordered within ' || effect_days || ' days no more often than others who were alike before: ' || points || '.'
    end as says                                            -- The same in a sentence.
from worded
