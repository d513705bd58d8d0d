-- What an order brought and what its refunds took back, each on its day, add up to its revenue.
-- level: block
with

moved as (select order_id, sum(amount) as amount from core.order_money group by order_id)

select order_id, orders.revenue, moved.amount
from (select * from core.orders where is_conversion) as orders
full join moved using (order_id)
where orders.revenue is distinct from moved.amount
