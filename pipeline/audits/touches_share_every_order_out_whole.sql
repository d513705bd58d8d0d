-- The touches of every order share it out whole, by every model, in orders and to the last digit of its revenue.
with

shared as (
    select order_id, count(*) as count_rows, max(credit_count) as credit_count, sum(columns('^(orders|revenue)_'))
    from marts.attribution_touches
    group by order_id
)

select orders.order_id, orders.revenue, shared.*
from core.orders as orders
left join shared on shared.order_id = orders.order_id
where orders.is_conversion and (
    shared.order_id is null
    or shared.count_rows <> shared.credit_count
    or greatest(
        abs(orders_first - 1),
        abs(orders_last - 1),
        abs(orders_last_non_direct - 1),
        abs(orders_last_paid - 1),
        abs(orders_linear - 1),
        abs(orders_time_decay - 1),
        abs(orders_position - 1),
        abs(orders_j_shaped - 1),
        abs(orders_inverse_j - 1),
        abs(orders_shapley_simple - 1),
        abs(orders_markov_order - 1),
        abs(orders_shapley_order - 1),
        abs(coalesce(orders_custom, 1) - 1)
    ) > 0
    or greatest(
        abs(revenue_first - orders.revenue),
        abs(revenue_last - orders.revenue),
        abs(revenue_last_non_direct - orders.revenue),
        abs(revenue_last_paid - orders.revenue),
        abs(revenue_linear - orders.revenue),
        abs(revenue_time_decay - orders.revenue),
        abs(revenue_position - orders.revenue),
        abs(revenue_j_shaped - orders.revenue),
        abs(revenue_inverse_j - orders.revenue),
        abs(revenue_shapley_simple - orders.revenue),
        abs(revenue_markov_order - orders.revenue),
        abs(revenue_shapley_order - orders.revenue),
        abs(coalesce(revenue_custom, orders.revenue) - orders.revenue)
    ) > 0
)
