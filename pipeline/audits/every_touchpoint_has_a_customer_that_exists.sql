-- Every customer a touchpoint or an order names is in core.customers.
select distinct points.customer_id
from core.touchpoints as points
where points.customer_id is not null
    and not exists (select 1 from core.customers as customers where customers.customer_id = points.customer_id)
union
select distinct orders.customer_id
from core.orders as orders
where orders.customer_id is not null
    and not exists (select 1 from core.customers as customers where customers.customer_id = orders.customer_id)
