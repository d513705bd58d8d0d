-- One row per real order: the system whose money stands for it.
-- grain: order_id
select
    orders.order_id,                                       -- The real order.
    arg_min(orders.source_system, (coalesce(ranks.priority, 1000), orders.source_system)) as source_system,    -- System whose money stands.
    list_sort(list(orders.source_system)) as source_systems,    -- Every system that has the order.
    count(*) as count_systems                              -- How many they are.
from core.source_orders as orders
left join config.order_priority as ranks on ranks.source_system = orders.source_system
group by orders.order_id
