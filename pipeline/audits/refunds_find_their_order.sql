-- Every refund names an order that is known.
-- level: warn
-- to do: Export the orders of the time before too; until then these refunds lower no revenue.
select
    source_system, refund_ref,
    concat('refund ', refund_ref, ' of ', source_system, case when refunded_at is not null then concat(', ', cast(refunded_at as date)) end) as finding
from core.refunds
where order_id is null
