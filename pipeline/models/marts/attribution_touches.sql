-- One row per order and touch that earns credit for it: what every model that adds up gives the touch.
-- An order that no touch earned has one row of its own. Any roll-up is one GROUP BY, and adds up to the orders.
-- grain: order_id, credit_index
with

settings as (select * from config.settings),

weights as (
    select
        touches.*,
        settings.custom_first is not null as has_custom,
        -- A channel without an effect weighs next to nothing, so that an order of such channels only is shared equally.
        case when credit_index = 1 then 1.0 else 0.0 end as first,
        case when credit_index = credit_count then 1.0 else 0.0 end as last,
        case when is_last_non_direct then 1.0 else 0.0 end as last_non_direct,
        case when is_last_paid then 1.0 else 0.0 end as last_paid,
        1.0 as linear,
        decay as time_decay,
        placed_weight(credit_index, credit_count, position_first, 1 - position_first - position_last, position_last) as position,
        case when credit_count = 2 then placed_weight(credit_index, 2, 1 - j_last_of_two, 0.0, j_last_of_two)
            else placed_weight(credit_index, credit_count, 0.2, 0.2, 0.6) end as j_shaped,
        case when credit_count = 2 then placed_weight(credit_index, 2, j_last_of_two, 0.0, 1 - j_last_of_two)
            else placed_weight(credit_index, credit_count, 0.6, 0.2, 0.2) end as inverse_j,
        placed_weight(credit_index, credit_count, custom_first, custom_middle, custom_last) as custom,
        1.0 / count_same_channel as shapley_simple,
        (coalesce(effects.removal_effect, 0.0) + 1e-12) / count_same_code as markov_order,
        (greatest(coalesce(effects.shapley_value, 0.0), 0.0) + 1e-12) / count_same_code as shapley_order
    from core.credited_touches as touches
    left join core.channel_effects as effects on effects.model_code = touches.model_code
    cross join settings
),

untracked as (
    select
        orders.order_id, orders.customer_id, orders.revenue, orders.is_first_order, 1 as credit_index, 1 as credit_count,
        cast(date_trunc('month', timezone(settings.reporting_zone, timezone('UTC', orders.ordered_at))) as date) as month,
        'No tracked touchpoint' as channel, '' as source, '' as medium, '' as campaign, '' as content,
        0 as direct_left_out, settings.custom_first is not null as has_custom
    from core.orders as orders
    cross join settings
    where orders.is_conversion and orders.order_id not in (select order_id from core.credited_touches)
),

together as (
    select * from weights
    union all by name
    select * from untracked
),

shares as (
    select
        order_id, credit_index, credit_count, touch_id, occurred_at, customer_id, month, revenue, is_first_order, channel,
        source, medium, campaign, content, direct_left_out,
        share_upto(sum(first) over upto, sum(first) over whole, credit_index, credit_count) as first,
        share_upto(sum(last) over upto, sum(last) over whole, credit_index, credit_count) as last,
        share_upto(sum(last_non_direct) over upto, sum(last_non_direct) over whole, credit_index, credit_count) as last_non_direct,
        share_upto(sum(last_paid) over upto, sum(last_paid) over whole, credit_index, credit_count) as last_paid,
        share_upto(sum(linear) over upto, sum(linear) over whole, credit_index, credit_count) as linear,
        share_upto(sum(time_decay) over upto, sum(time_decay) over whole, credit_index, credit_count) as time_decay,
        share_upto(sum(position) over upto, sum(position) over whole, credit_index, credit_count) as position,
        share_upto(sum(j_shaped) over upto, sum(j_shaped) over whole, credit_index, credit_count) as j_shaped,
        share_upto(sum(inverse_j) over upto, sum(inverse_j) over whole, credit_index, credit_count) as inverse_j,
        case when has_custom then share_upto(sum(custom) over upto, sum(custom) over whole, credit_index, credit_count) end as custom,
        share_upto(sum(shapley_simple) over upto, sum(shapley_simple) over whole, credit_index, credit_count) as shapley_simple,
        share_upto(sum(markov_order) over upto, sum(markov_order) over whole, credit_index, credit_count) as markov_order,
        share_upto(sum(shapley_order) over upto, sum(shapley_order) over whole, credit_index, credit_count) as shapley_order
    from together
    window upto as (partition by order_id order by credit_index rows between unbounded preceding and current row),
        whole as (partition by order_id)
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
    share_between(lag(first, 1, 0.0) over in_order, first) as orders_first,    -- Share of the order: first touch.
    share_between(lag(last, 1, 0.0) over in_order, last) as orders_last,    -- Share of the order: last touch.
    share_between(lag(last_non_direct, 1, 0.0) over in_order, last_non_direct) as orders_last_non_direct,    -- Share of the order: last touch that is not Direct.
    share_between(lag(last_paid, 1, 0.0) over in_order, last_paid) as orders_last_paid,    -- Share of the order: last paid touch.
    share_between(lag(linear, 1, 0.0) over in_order, linear) as orders_linear,    -- Share of the order: linear.
    share_between(lag(time_decay, 1, 0.0) over in_order, time_decay) as orders_time_decay,    -- Share of the order: time decay.
    share_between(lag(position, 1, 0.0) over in_order, position) as orders_position,    -- Share of the order: position.
    share_between(lag(j_shaped, 1, 0.0) over in_order, j_shaped) as orders_j_shaped,    -- Share of the order: J shape.
    share_between(lag(inverse_j, 1, 0.0) over in_order, inverse_j) as orders_inverse_j,    -- Share of the order: inverse J.
    share_between(lag(custom, 1, 0.0) over in_order, custom) as orders_custom,    -- Share of the order: custom weights; null when none are set.
    share_between(lag(shapley_simple, 1, 0.0) over in_order, shapley_simple) as orders_shapley_simple,    -- Share of the order: equal split by distinct channel.
    share_between(lag(markov_order, 1, 0.0) over in_order, markov_order) as orders_markov_order,    -- Share of the order: removal effects of its own channels.
    share_between(lag(shapley_order, 1, 0.0) over in_order, shapley_order) as orders_shapley_order,    -- Share of the order: Shapley values of its own channels.
    money_between(revenue, lag(first, 1, 0.0) over in_order, first) as revenue_first,    -- Its revenue: first touch.
    money_between(revenue, lag(last, 1, 0.0) over in_order, last) as revenue_last,    -- Its revenue: last touch.
    money_between(revenue, lag(last_non_direct, 1, 0.0) over in_order, last_non_direct) as revenue_last_non_direct,    -- Its revenue: last touch that is not Direct.
    money_between(revenue, lag(last_paid, 1, 0.0) over in_order, last_paid) as revenue_last_paid,    -- Its revenue: last paid touch.
    money_between(revenue, lag(linear, 1, 0.0) over in_order, linear) as revenue_linear,    -- Its revenue: linear.
    money_between(revenue, lag(time_decay, 1, 0.0) over in_order, time_decay) as revenue_time_decay,    -- Its revenue: time decay.
    money_between(revenue, lag(position, 1, 0.0) over in_order, position) as revenue_position,    -- Its revenue: position.
    money_between(revenue, lag(j_shaped, 1, 0.0) over in_order, j_shaped) as revenue_j_shaped,    -- Its revenue: J shape.
    money_between(revenue, lag(inverse_j, 1, 0.0) over in_order, inverse_j) as revenue_inverse_j,    -- Its revenue: inverse J.
    money_between(revenue, lag(custom, 1, 0.0) over in_order, custom) as revenue_custom,    -- Its revenue: custom weights; null when none are set.
    money_between(revenue, lag(shapley_simple, 1, 0.0) over in_order, shapley_simple) as revenue_shapley_simple,    -- Its revenue: equal split by distinct channel.
    money_between(revenue, lag(markov_order, 1, 0.0) over in_order, markov_order) as revenue_markov_order,    -- Its revenue: removal effects of its own channels.
    money_between(revenue, lag(shapley_order, 1, 0.0) over in_order, shapley_order) as revenue_shapley_order    -- Its revenue: Shapley values of its own channels.
from shares
window in_order as (partition by order_id order by credit_index)
