-- No amount that counts lacks an exchange rate.
select number_id as order_id, source_system, source_currency from core.source_orders where gross is null
union all
select order_id, source_system, source_currency from core.refunds where is_counted and amount is null
