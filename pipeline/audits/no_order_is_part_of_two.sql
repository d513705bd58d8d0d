-- An order is part of one real order, and what a real order is named after is part of it.
select number_id, min(order_id) as order_id
from core.order_matches
group by number_id
having count(distinct order_id) > 1
union all
select number_id, order_id
from core.order_matches as matches
where not exists (
    select 1 from core.order_matches as named where named.number_id = matches.order_id and named.order_id = matches.order_id
)
