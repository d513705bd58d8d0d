-- Every purchase ends exactly one journey.
select orders.order_id, count(journeys.journey_id) as count_journeys
from core.orders as orders
left join core.journeys as journeys on journeys.order_id = orders.order_id and journeys.outcome = 'converted'
where orders.is_conversion
group by orders.order_id
having count(journeys.journey_id) <> 1
