-- One row per order and touch that earns credit for it: what every model that adds up gives the touch.
-- An order that no touch earned has one row of its own. Any roll-up is one GROUP BY, and adds up to the orders.
-- grain: order_id, credit_index
with

settings as (
    select reporting_zone, position_first, position_last, j_last_of_two, custom_first, custom_middle, custom_last from config.settings
),

weights as (
    -- Whole numbers, so that what is added up touch by touch meets to the last digit. A channel without an effect weighs
    -- next to nothing, so that an order of such channels only is shared equally.
    select
        journey_id, credit_index,
        whole_weight(decay) as time_decay,
        whole_weight(1.0 / count_same_channel) as shapley_simple,
        whole_weight((coalesce(effects.removal_effect, 0.0) + 1e-12) / count_same_code) as markov_order,
        whole_weight((greatest(coalesce(effects.shapley_value, 0.0), 0.0) + 1e-12) / count_same_code) as shapley_order
    from core.credited_touches as touches
    left join core.channel_effects as effects on effects.model_code = touches.model_code
),

sums as (
    -- What weighs by more than its place; the sums of the others are known from the place.
    select
        weights.*,
        sum(time_decay) over upto as decay_upto, sum(time_decay) over whole as decay_whole,
        sum(shapley_simple) over upto as simple_upto, sum(shapley_simple) over whole as simple_whole,
        sum(markov_order) over upto as markov_upto, sum(markov_order) over whole as markov_whole,
        sum(shapley_order) over upto as shapley_upto, sum(shapley_order) over whole as shapley_whole
    from weights
    window upto as (partition by journey_id order by credit_index rows between unbounded preceding and current row),
        whole as (partition by journey_id)
),

together as (
    select touches.*, sums.* exclude (journey_id, credit_index)
    from core.credited_touches as touches
    join sums on sums.journey_id = touches.journey_id and sums.credit_index = touches.credit_index
    union all by name
    select
        orders.order_id, orders.customer_id, orders.revenue, orders.is_first_order, 1 as credit_index, 1 as credit_count,
        cast(date_trunc('month', timezone(settings.reporting_zone, timezone('UTC', orders.ordered_at))) as date) as month,
        'No tracked touchpoint' as channel, '' as source, '' as medium, '' as campaign, '' as content,
        0 as direct_left_out, true as is_last_non_direct, true as is_last_paid
    from core.orders as orders
    cross join settings
    where orders.is_conversion and orders.order_id not in (select order_id from core.credited_touches)
),

shares as (
    select
        together.* exclude (time_decay, shapley_simple, markov_order, shapley_order),
        credit_index = 1 as first,
        credit_index = credit_count as last,
        is_last_non_direct as last_non_direct,
        is_last_paid as last_paid,
        (credit_index - 1) / credit_count as linear_before, credit_index / credit_count as linear,
        share_before(decay_upto - time_decay, decay_whole, credit_index, credit_count) as time_decay_before,
        share_upto(decay_upto, decay_whole, credit_index, credit_count) as time_decay,
        placed_share(credit_index - 1, credit_count, position_first, 1 - position_first - position_last, position_last) as position_before,
        placed_share(credit_index, credit_count, position_first, 1 - position_first - position_last, position_last) as position,
        j_share(credit_index - 1, credit_count, j_last_of_two) as j_shaped_before,
        j_share(credit_index, credit_count, j_last_of_two) as j_shaped,
        1.0 - j_share(credit_count - credit_index + 1, credit_count, j_last_of_two) as inverse_j_before,
        1.0 - j_share(credit_count - credit_index, credit_count, j_last_of_two) as inverse_j,
        placed_share(credit_index - 1, credit_count, custom_first, custom_middle, custom_last) as custom_before,
        if(custom_first is null, null, placed_share(credit_index, credit_count, custom_first, custom_middle, custom_last)) as custom,
        share_before(simple_upto - shapley_simple, simple_whole, credit_index, credit_count) as shapley_simple_before,
        share_upto(simple_upto, simple_whole, credit_index, credit_count) as shapley_simple,
        share_before(markov_upto - markov_order, markov_whole, credit_index, credit_count) as markov_order_before,
        share_upto(markov_upto, markov_whole, credit_index, credit_count) as markov_order,
        share_before(shapley_upto - shapley_order, shapley_whole, credit_index, credit_count) as shapley_order_before,
        share_upto(shapley_upto, shapley_whole, credit_index, credit_count) as shapley_order
    from together
    cross join settings
)

select
    order_id,                                              -- The order.
    credit_index,                                          -- Place among the touches that earn credit; 1 is the first.
    credit_count,                                          -- Touches that earn credit for the order.
    touch_id,                                              -- The touch in core.touches; null for an order that nothing led to.
    occurred_at,                                           -- When the touch began, UTC.
    customer_id,                                           -- Customer.
    month,                                                 -- Month of the order in the reporting zone.
    is_first_order,                                        -- It is the customer's first order.
    channel,                                               -- Channel; "No tracked touchpoint" for an order that nothing led to.
    source,                                                -- Source; empty when there is none.
    medium,                                                -- Medium; empty when there is none.
    campaign,                                              -- Campaign; empty when there is none.
    content,                                               -- Ad or link variant; empty when there is none.
    direct_left_out,                                       -- Direct touches that earn nothing because settings leave Direct out.
    cast(first as decimal(18, 12)) as orders_first,    -- Share of the order: first touch.
    cast(last as decimal(18, 12)) as orders_last,    -- Share of the order: last touch.
    cast(last_non_direct as decimal(18, 12)) as orders_last_non_direct,    -- Share of the order: last touch that is not Direct.
    cast(last_paid as decimal(18, 12)) as orders_last_paid,    -- Share of the order: last paid touch.
    share_between(linear_before, linear) as orders_linear,    -- Share of the order: linear.
    share_between(time_decay_before, time_decay) as orders_time_decay,    -- Share of the order: time decay.
    share_between(position_before, position) as orders_position,    -- Share of the order: position.
    share_between(j_shaped_before, j_shaped) as orders_j_shaped,    -- Share of the order: J shape.
    share_between(inverse_j_before, inverse_j) as orders_inverse_j,    -- Share of the order: inverse J.
    share_between(custom_before, custom) as orders_custom,    -- Share of the order: custom weights; null when none are set.
    share_between(shapley_simple_before, shapley_simple) as orders_shapley_simple,    -- Share of the order: equal split by distinct channel.
    share_between(markov_order_before, markov_order) as orders_markov_order,    -- Share of the order: removal effects of its own channels.
    share_between(shapley_order_before, shapley_order) as orders_shapley_order,    -- Share of the order: Shapley values of its own channels.
    cast(if(first, revenue, 0) as decimal(18, 6)) as revenue_first,    -- Its revenue: first touch.
    cast(if(last, revenue, 0) as decimal(18, 6)) as revenue_last,    -- Its revenue: last touch.
    cast(if(last_non_direct, revenue, 0) as decimal(18, 6)) as revenue_last_non_direct,    -- Its revenue: last touch that is not Direct.
    cast(if(last_paid, revenue, 0) as decimal(18, 6)) as revenue_last_paid,    -- Its revenue: last paid touch.
    money_between(revenue, linear_before, linear) as revenue_linear,    -- Its revenue: linear.
    money_between(revenue, time_decay_before, time_decay) as revenue_time_decay,    -- Its revenue: time decay.
    money_between(revenue, position_before, position) as revenue_position,    -- Its revenue: position.
    money_between(revenue, j_shaped_before, j_shaped) as revenue_j_shaped,    -- Its revenue: J shape.
    money_between(revenue, inverse_j_before, inverse_j) as revenue_inverse_j,    -- Its revenue: inverse J.
    money_between(revenue, custom_before, custom) as revenue_custom,    -- Its revenue: custom weights; null when none are set.
    money_between(revenue, shapley_simple_before, shapley_simple) as revenue_shapley_simple,    -- Its revenue: equal split by distinct channel.
    money_between(revenue, markov_order_before, markov_order) as revenue_markov_order,    -- Its revenue: removal effects of its own channels.
    money_between(revenue, shapley_order_before, shapley_order) as revenue_shapley_order    -- Its revenue: Shapley values of its own channels.
from shares
