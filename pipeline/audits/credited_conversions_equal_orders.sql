-- The credited orders of every model, level and month are the orders booked.
with

booked as (
    select
        cast(date_trunc('month', timezone(settings.reporting_zone, timezone('UTC', orders.ordered_at))) as date) as month,
        count(*) as count_orders
    from core.orders as orders
    cross join config.settings as settings
    where orders.is_conversion
    group by 1
),

credited as (
    select model, level, month, sum(conversions) as conversions
    from marts.attribution
    group by model, level, month
)

select credited.model, credited.level, booked.month, booked.count_orders, credited.conversions
from booked
left join credited on credited.month = booked.month
where abs(booked.count_orders - coalesce(credited.conversions, 0)) > 1e-6 * booked.count_orders
