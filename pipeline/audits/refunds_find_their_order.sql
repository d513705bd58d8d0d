-- Every refund names an order that is known.
-- level: warn
select source_system, refund_ref from core.refunds where order_id is null
