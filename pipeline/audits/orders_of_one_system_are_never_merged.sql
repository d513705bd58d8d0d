-- Two orders that one system tells apart are never one order.
select order_id, source_system, count(distinct number_id) as count_orders
from core.order_matches
group by order_id, source_system
having count(distinct number_id) > 1
