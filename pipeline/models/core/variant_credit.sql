-- One row per look-back, handling of Direct, channel and group of readings that see the same: what the default model credits.
-- Orders that several readings see alike are worked out once, for all of them.
-- grain: lookback, direct, readings, channel
with

settings as (select * from config.settings),

seen as (
    -- Readings are numbered: strict, default, loose under the rule in force, then the same three under the other one.
    select
        touches.*,
        case linking when 'strict' then 0 when 'default' then 1 else 2 end + rules.rule * 3 as reading
    from core.variant_touches as touches
    join (select unnest([0, 1]) as rule) as rules on (rules.rule = 0 and is_in_force) or (rules.rule = 1 and is_in_other)
),

alike as (
    select order_id, bit_or(1 << reading) as readings, min(reading) as reading
    from (
        select reading, order_id, any_value(is_first_order) as is_first, bit_xor(hash(touch_id)) as touches, count(*) as n
        from seen
        group by reading, order_id
    )
    group by order_id, is_first, touches, n
),

variants as (
    select unnest(['as set', '7 days', '30 days', '90 days']) as lookback, unnest([null, 7, 30, 90]) as days
),

reached as (
    select
        alike.readings, variants.lookback, seen.order_id, seen.touch_id, seen.occurred_at, seen.tie_rank, seen.channel,
        seen.model_code, seen.revenue,
        seen.channel = 'Direct' and bool_or(seen.channel <> 'Direct') over whole as is_spare_direct
    from seen
    join alike using (order_id, reading)
    cross join settings
    join variants on seen.counted_until_at <= seen.occurred_at
        + coalesce(days, case when is_first_order then first_order_lookback_days else lookback_days end) * interval 1 day
    window whole as (partition by alike.readings, variants.lookback, seen.order_id)
),

placed as (
    select
        reached.*,
        directs.direct,
        row_number() over in_order as credit_index,
        count(*) over whole as credit_count,
        count(*) over (partition by readings, lookback, direct, order_id, channel) as count_same_channel,
        count(*) over (partition by readings, lookback, direct, order_id, model_code) as count_same_code,
        max((occurred_at, tie_rank, touch_id)) filter (where channel <> 'Direct') over whole as last_named,
        max((occurred_at, tie_rank, touch_id)) filter (where list_contains(settings.paid_channels, channel)) over whole as last_paid,
        power(2.0, -date_diff('microsecond', occurred_at, max(occurred_at) over whole)
            / (86400000000.0 * settings.half_life_days)) as decay
    from reached
    join (select unnest(['with', 'without']) as direct) as directs
        on directs.direct = 'with' or not reached.is_spare_direct
    cross join settings
    window in_order as (partition by readings, lookback, direct, order_id order by occurred_at, tie_rank, touch_id),
        whole as (partition by readings, lookback, direct, order_id)
),

weighed as (
    -- The weights of marts.attribution_touches, of the one model.
    select
        placed.*,
        case settings.default_model
            when 'first' then case when credit_index = 1 then 1.0 else 0.0 end
            when 'last' then case when credit_index = credit_count then 1.0 else 0.0 end
            when 'last_non_direct' then case when coalesce((occurred_at, tie_rank, touch_id) = last_named, credit_index = credit_count) then 1.0 else 0.0 end
            when 'last_paid' then case when coalesce((occurred_at, tie_rank, touch_id) = coalesce(last_paid, last_named), credit_index = credit_count) then 1.0 else 0.0 end
            when 'time_decay' then decay
            when 'position' then placed_weight(
                credit_index, credit_count, position_first, 1 - position_first - position_last, position_last)
            when 'j_shaped' then case when credit_count = 2 then placed_weight(credit_index, 2, 1 - j_last_of_two, 0.0, j_last_of_two)
                else placed_weight(credit_index, credit_count, 0.2, 0.2, 0.6) end
            when 'inverse_j' then case when credit_count = 2 then placed_weight(credit_index, 2, j_last_of_two, 0.0, 1 - j_last_of_two)
                else placed_weight(credit_index, credit_count, 0.6, 0.2, 0.2) end
            when 'custom' then placed_weight(credit_index, credit_count, custom_first, custom_middle, custom_last)
            when 'shapley_simple' then 1.0 / count_same_channel
            when 'markov_order' then (coalesce(effects.removal_effect, 0.0) + 1e-12) / count_same_code
            when 'shapley_order' then (greatest(coalesce(effects.shapley_value, 0.0), 0.0) + 1e-12) / count_same_code
            else 1.0
        end as weight
    from placed
    left join core.channel_effects as effects using (model_code)
    cross join settings
),

shares as (
    select *, share_upto(sum(weight) over upto, sum(weight) over whole, credit_index, credit_count) as upto_share
    from weighed
    window upto as (partition by readings, lookback, direct, order_id order by credit_index rows between unbounded preceding and current row),
        whole as (partition by readings, lookback, direct, order_id)
),

parts as (
    select
        lookback, direct, readings, channel,
        share_between(lag(upto_share, 1, 0.0) over in_order, upto_share) as conversions,
        money_between(revenue, lag(upto_share, 1, 0.0) over in_order, upto_share) as revenue
    from shares
    window in_order as (partition by readings, lookback, direct, order_id order by credit_index)
)

select
    lookback,                                              -- as set, or the days before an order within which a touch counts.
    direct,                                                -- with: Direct earns like any other; without: only where nothing else was.
    readings,                                              -- Bits of the readings that see these orders alike: 1, 2, 4 strict, default, loose; 8, 16, 32 under the other rule for visits.
    channel,                                               -- Channel.
    sum(conversions) as conversions,                       -- Orders credited, in shares.
    sum(revenue) as revenue                                -- Revenue credited, in the reporting currency, net of refunds.
from parts
group by all
