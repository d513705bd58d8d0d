-- An order whose books say that it was refunded has a refund that lowers its revenue; else the export of refunds is missing.
-- level: warn
select order_id, source_system, status, revenue
from core.orders
where status in ('refunded', 'partly_refunded') and is_conversion and count_refunds = 0
