-- No order had more given back than it was worth.
-- level: warn
-- to do: Look the order up in the shop. Revenue below zero is booked as it is.
select
    order_id, gross, discount, refunded,
    concat('order ', order_id, ': ', format('{:,.2f}', cast(refunded as double)), ' given back of ',
        format('{:,.2f}', cast(gross - coalesce(discount, 0) as double)), ' ' || (select reporting_currency from config.settings)) as finding
from core.orders
where is_over_refunded
