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
    select
        order_id, bit_or(1 << reading) as readings, min(reading) as reading,
        8 * row_number() over (order by order_id, min(reading)) as case_number
    from (
        select reading, order_id, any_value(is_first_order) as is_first, bit_xor(hash(touch_id)) as touches, count(*) as n
        from seen group by reading, order_id
    )
    group by order_id, is_first, touches, n
),

variants as (
    select unnest(range(4)) as lookback_number, unnest(['as set', '7 days', '30 days', '90 days']) as lookback, unnest([null, 7, 30, 90]) as days
),

reached as (
    -- One number stands for an order as some readings see it, with a look-back, with and without Direct.
    select
        alike.case_number + 2 * lookback_number as part, seen.occurred_at, seen.tie_rank, seen.touch_id,
        seen.channel, seen.model_code, seen.revenue, seen.channel = 'Direct' as is_direct,
        list_contains(settings.paid_channels, seen.channel) as is_paid,
        seen.channel = 'Direct' and bool_or(seen.channel <> 'Direct') over (partition by part) as is_spare_direct
    from seen
    join alike using (order_id, reading)
    cross join settings
    join variants on seen.counted_until_at <= seen.occurred_at
        + coalesce(days, case when is_first_order then first_order_lookback_days else lookback_days end) * interval 1 day
),

placed as (
    select
        reached.* replace (part + is_without as part),
        row_number() over in_order as credit_index, count(*) over whole as credit_count,
        count(*) over (partition by part + is_without, channel) as count_same_channel,
        count(*) over (partition by part + is_without, model_code) as count_same_code,
        date_diff('microsecond', occurred_at, max(occurred_at) over whole) / 86400000000.0 as age_days
    from reached
    join (select unnest([0, 1]) as is_without) as directs on is_without = 0 or not reached.is_spare_direct
    window in_order as (partition by part + is_without order by occurred_at, tie_rank, touch_id),
        whole as (partition by part + is_without)
),

chosen as (
    select
        *,
        max(credit_index) filter (where not is_direct) over (partition by part) as named_place,
        max(credit_index) filter (where is_paid) over (partition by part) as paid_place
    from placed
),

weighed as (
    -- The weights of marts.attribution_touches, of the one model.
    select
        chosen.*,
        case settings.default_model
            when 'first' then case when credit_index = 1 then 1.0 else 0.0 end
            when 'last' then case when credit_index = credit_count then 1.0 else 0.0 end
            when 'last_non_direct' then case when credit_index = coalesce(named_place, credit_count) then 1.0 else 0.0 end
            when 'last_paid' then case when credit_index = coalesce(paid_place, named_place, credit_count) then 1.0 else 0.0 end
            when 'time_decay' then power(2.0, -age_days / settings.half_life_days)
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
    from chosen
    left join core.channel_effects as effects using (model_code)
    cross join settings
),

shares as (
    select *, share_upto(sum(weight) over upto, sum(weight) over whole, credit_index, credit_count) as upto_share
    from weighed
    window upto as (partition by part order by credit_index rows between unbounded preceding and current row),
        whole as (partition by part)
),

parts as (
    select
        part, channel,
        share_between(lag(upto_share, 1, 0.0) over in_order, upto_share) as conversions,
        money_between(revenue, lag(upto_share, 1, 0.0) over in_order, upto_share) as revenue
    from shares
    window in_order as (partition by part order by credit_index)
)

select
    variants.lookback,                                              -- as set, or the days before an order within which a touch counts.
    case when parts.part % 2 = 0 then 'with' else 'without' end as direct,    -- with: Direct earns like any other; without: only where nothing else was.
    alike.readings,                                        -- Bits of the readings that see these orders alike: 1, 2, 4 strict, default, loose; 8, 16, 32 under the other rule for visits.
    parts.channel,                                         -- Channel.
    sum(parts.conversions) as conversions,                       -- Orders credited, in shares.
    sum(parts.revenue) as revenue                          -- Revenue credited, in the reporting currency, net of refunds.
from parts
join alike on alike.case_number = parts.part // 8 * 8
join variants on variants.lookback_number = parts.part % 8 // 2
group by all
