-- An order whose books say that it was refunded has a refund that lowers its revenue; else the export of refunds is missing.
-- level: warn
-- to do: Put the refunds that this system exports into data/raw too.
select
    order_id, source_system, status, revenue,
    concat('order ', order_id, ' of ', source_system, ' says ', replace(status, '_', ' '), ' and still counts ',
        format('{:,.2f}', cast(revenue as double)), ' ' || (select reporting_currency from config.settings)) as finding
from core.orders
where status in ('refunded', 'partly_refunded') and is_conversion and count_refunds = 0
