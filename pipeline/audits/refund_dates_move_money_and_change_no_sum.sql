-- Dating refunds by themselves moves money between months and changes no sum.
-- level: block
select
    source_system,
    sum(amount) filter (where section = 'book') as by_order_date,
    sum(amount) filter (where section = 'book_by_refund_date') as by_refund_date
from marts.reconciliation
where step = 'refunded'
group by source_system
having by_order_date is distinct from by_refund_date
