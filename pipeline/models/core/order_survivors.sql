-- One row per real order: the system whose money stands for it.
-- grain: order_id
with

orders as (
    select distinct matches.order_id, orders.source_system
    from core.source_orders as orders
    join core.order_matches as matches using (source_system, order_ref)
)

select
    orders.order_id,                                       -- The real order.
    arg_min(orders.source_system, (coalesce(ranks.priority, 1000), orders.source_system)) as source_system,    -- System whose money stands.
    list_sort(list(orders.source_system)) as source_systems,    -- Every system that has the order.
    count(*) as count_systems                              -- How many they are.
from orders
left join config.order_priority as ranks on ranks.source_system = orders.source_system
group by orders.order_id
