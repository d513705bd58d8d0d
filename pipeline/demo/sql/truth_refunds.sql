-- One row per refund.
select
    order_id_of(o.place, o.transaction_id, o.order_place) as order_id,
    utc(r.refunded_at) as refunded_at,
    dollars(r.gross - r.discount) as amount,
    dollars(r.tax) as tax,
    s.transaction_id_at_till as square_transaction_id
from refunds as r
join retail_orders as o using (order_place)
join sales as s on s.order_place = r.order_place and s.refund = r.refund
order by refunded_at, order_id
