-- One row per channel, and one for all: do the models agree, do they disagree, or is there not enough data to say.
-- The question for all channels together is which of them earns most. Models that share out each order are compared.
-- grain: channel
with

settings as (select * from config.settings),

compared as (
    select
        intervals.*,
        avg(intervals.share) over (partition by intervals.channel) as mean_share
    from marts.attribution_intervals as intervals
    where intervals.level = 'conversions' and intervals.is_additive
),

judged as (
    select
        compared.channel,
        max(compared.count_orders) as count_orders,
        max(compared.mean_share) as mean_share,
        max(greatest(settings.agree_within * compared.mean_share, settings.agree_within_share)) as tolerance,
        arg_min(compared.model, (compared.share, compared.model)) as least_model,
        min(compared.share) as least_share,
        arg_max(compared.model, (compared.share, compared.model)) as most_model,
        max(compared.share) as most_share,
        max(compared.count_orders) >= max(settings.guard_n) as is_enough,
        bool_or((compared.difference_low > 0 or compared.difference_high < 0) and abs(compared.difference) >= greatest(
            settings.agree_within * compared.mean_share, settings.agree_within_share)) as is_apart,
        bool_and(greatest(compared.difference_high, -compared.difference_low) < greatest(
            settings.agree_within * compared.mean_share, settings.agree_within_share)) as is_near
    from compared
    cross join settings
    group by compared.channel
),

ahead as (
    select
        count(*) as count_models,
        count(*) filter (where leaders.lead_share >= 0.95) as count_sure,
        count(distinct leaders.channel) filter (where leaders.lead_share >= 0.95) as count_sure_leaders,
        list(distinct leaders.channel order by leaders.channel) as leaders
    from compared as leaders
    where leaders.rank = 1
),

counted as (select count(*) as orders from marts.attribution_touches where credit_index = 1 and touch_id is not null),

overall as (
    select
        ahead.*,
        counted.orders,
        case
            when counted.orders < settings.guard_n then 'few_orders'
            when ahead.count_sure_leaders >= 2 then 'leaders_differ'
            when ahead.count_sure = ahead.count_models and ahead.count_sure_leaders = 1 then 'same_leader'
            else 'leader_is_open'
        end as rule
    from ahead
    cross join counted
    cross join settings
),

verdicts as (
    select
        channel, count_orders, mean_share, tolerance, least_model, least_share, most_model, most_share,
        cast(null as varchar[]) as leaders, cast(null as bigint) as count_models, cast(null as bigint) as count_sure,
        case
            when not is_enough then 'few_orders'
            when is_apart then 'models_differ'
            when is_near then 'models_are_near'
            else 'intervals_are_wide'
        end as rule
    from judged
    union all
    select '(all channels)', orders, null, null, null, null, null, null, leaders, count_models, count_sure, rule from overall
),

rules as (
    select unnest([
        {'rule': 'few_orders', 'verdict': 'not enough data', 'says': 'fewer orders than reporting.guard_n asks for'},
        {'rule': 'models_differ', 'verdict': 'disagree', 'says': 'a model lies further from the mean of all than attribution.agree_within allows, and chance does not explain it'},
        {'rule': 'models_are_near', 'verdict': 'agree', 'says': 'with their intervals, all models lie nearer to their mean than attribution.agree_within asks for'},
        {'rule': 'intervals_are_wide', 'verdict': 'not enough data', 'says': 'the intervals leave open whether the models differ by more than attribution.agree_within allows'},
        {'rule': 'leaders_differ', 'verdict': 'disagree', 'says': 'different channels earn most by different models, each in 95 % of draws'},
        {'rule': 'same_leader', 'verdict': 'agree', 'says': 'the same channel earns most by every model, in 95 % of draws'},
        {'rule': 'leader_is_open', 'verdict': 'not enough data', 'says': 'by one model or more, chance leaves open which channel earns most'}
    ]) as given
)

select
    verdicts.channel,                                      -- Channel; (all channels) for the verdict on which earns most.
    rules.given.verdict as verdict,                        -- agree, disagree, or not enough data.
    verdicts.rule,                                         -- The rule that said so.
    rules.given.says as rule_says,                         -- What the rule asks, in words.
    verdicts.count_orders,                                 -- Orders that had the channel; of all channels, orders credited.
    verdicts.mean_share,                                   -- Mean of its shares by all models.
    verdicts.tolerance,                                    -- Distance from that mean within which models agree, in shares.
    verdicts.least_model,                                  -- Model that gives it least.
    verdicts.least_share,                                  -- Its share by that model.
    verdicts.most_model,                                   -- Model that gives it most.
    verdicts.most_share,                                   -- Its share by that model.
    verdicts.leaders,                                      -- Of all channels: those that earn most by one model or more.
    verdicts.count_models,                                 -- Of all channels: models compared.
    verdicts.count_sure                                    -- Of all channels: models by which one earns most in 95 % of draws.
from verdicts
join rules on rules.given.rule = verdicts.rule
