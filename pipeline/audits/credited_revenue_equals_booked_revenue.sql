-- The credited revenue of every model, level and month is the booked revenue, to the last digit.
with

booked as (
    select
        cast(date_trunc('month', timezone(settings.reporting_zone, timezone('UTC', orders.ordered_at))) as date) as month,
        sum(orders.revenue) as booked_revenue
    from core.orders as orders
    cross join config.settings as settings
    where orders.is_conversion
    group by 1
),

models as (select distinct model, level from marts.attribution),

credited as (
    select model, level, month, sum(credited_revenue) as credited_revenue
    from marts.attribution
    group by model, level, month
)

select models.model, models.level, booked.month, booked.booked_revenue, credited.credited_revenue
from booked
cross join models
left join credited on credited.model = models.model and credited.level = models.level and credited.month = booked.month
where booked.booked_revenue <> coalesce(credited.credited_revenue, 0)
union all
select credited.model, credited.level, credited.month, null, credited.credited_revenue
from credited
where credited.month not in (select month from booked)
