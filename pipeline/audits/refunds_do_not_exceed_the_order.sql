-- No order had more given back than it was worth.
-- level: warn
select order_id, gross, discount, refunded from core.orders where is_over_refunded
