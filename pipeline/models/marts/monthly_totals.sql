-- One row per month: what the business did, before anything is credited to a channel.
-- grain: month
with

settings as (select * from config.settings),

ordered as (
    select
        cast(date_trunc('month', timezone(settings.reporting_zone, timezone('UTC', orders.ordered_at))) as date) as month,
        count(*) filter (where is_conversion) as orders,
        count(*) filter (where is_first_order) as new_customers,
        sum(revenue) as revenue,
        sum(refunded) filter (where is_conversion) as refunded,
        count(*) filter (where not is_conversion) as orders_left_out,
        count(*) filter (where is_conversion and credited.order_id is null) as orders_untracked
    from core.orders as orders
    cross join settings
    left join (select distinct order_id from core.credited_touches) as credited on credited.order_id = orders.order_id
    group by all
),

visited as (
    select
        cast(date_trunc('month', timezone(min(settings.reporting_zone), timezone('UTC', hour))) as date) as month,
        sum(visits) as visits
    from (
        select date_trunc('hour', started_at) as hour, count(*) as visits
        from core.sessions
        where not is_machine and not is_test
        group by all
    )
    cross join settings
    group by hour
),

started as (
    select
        cast(date_trunc('month', timezone(min(settings.reporting_zone), timezone('UTC', min(journeys.started_at)))) as date) as month,
        journeys.customer_id
    from core.journeys as journeys
    cross join settings
    group by journeys.customer_id
),

facts as (
    select month, orders, new_customers, revenue, refunded, orders_left_out, orders_untracked, 0 as visits, 0 as new_people from ordered
    union all
    select month, 0, 0, 0, 0, 0, 0, visits, 0 from visited
    union all
    select month, 0, 0, 0, 0, 0, 0, 0, count(*) from started group by month
)

select
    month,                                                 -- Month in the reporting zone.
    cast(sum(visits) as bigint) as visits,                 -- Visits that began in it.
    cast(sum(new_people) as bigint) as new_people,         -- People first seen in it.
    cast(sum(orders) as bigint) as orders,                 -- Orders that count as purchases.
    cast(sum(new_customers) as bigint) as new_customers,   -- Orders that were the buyer's first in the data.
    cast(sum(revenue) as decimal(18, 4)) as revenue,       -- Revenue of these orders, net of refunds, in the reporting currency.
    cast(sum(refunded) as decimal(18, 4)) as refunded,     -- Goods given back on them.
    cast(sum(orders_untracked) as bigint) as orders_untracked,    -- Orders that no tracked touchpoint led to.
    cast(sum(orders_left_out) as bigint) as orders_left_out    -- Orders that are open, lost, cancelled or tests.
from facts
group by month
