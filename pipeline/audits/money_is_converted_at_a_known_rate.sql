-- No amount that counts lacks an exchange rate.
select number_id as order_id, source_system, source_currency, cast(ordered_at as date) || ',' || source_currency || ',RATE' as line_for_the_rates_file
from core.source_orders where gross is null
union all
select order_id, source_system, source_currency, cast(refunded_at as date) || ',' || source_currency || ',RATE'
from core.refunds where is_counted and amount is null
