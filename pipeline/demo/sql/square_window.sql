-- One row per sale and refund of a window, as an export made at its end knows it.
with

partly as (
    select order_place, sum(gross - discount + tax)::bigint as partly
    from refunds
    join (select order_place, bool_and(refund > 0) as is_whole from order_lines group by order_place) using (order_place)
    where not is_whole and cast(local_time(refunded_at) as date) < $after
    group by order_place
)

select
    s.*,
    coalesce(p.partly, 0) as partly,
    $has_commission as has_commission,
    tender = 0 and not is_test and sold_on + 1 < $after as is_deposited
from sales as s
left join partly as p on p.order_place = s.order_place and s.event_type = 'Payment'
where sold_on >= $first and sold_on < $after
