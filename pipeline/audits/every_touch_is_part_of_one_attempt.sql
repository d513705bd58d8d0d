-- Every touch of a customer is part of one attempt to buy, and no attempt ends in an order that another ended in.
select 'touches' as says, sum(attempts.touches) as count_found, sum(attempts.expected) as count_expected
from (
    select sum(count_touches) as touches, 0 as expected from core.attempts
    union all
    select 0, count(*) from core.timeline where not is_purchase
) as attempts
having coalesce(sum(attempts.touches), 0) <> sum(attempts.expected)
union all
select 'order ' || order_id, count(*), 1
from core.attempts
where order_id is not null
group by order_id
having count(*) > 1
