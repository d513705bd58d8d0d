-- One row per day: what the business did, before anything is credited to a channel.
-- grain: day
with

settings as (select * from config.settings),

ordered as (
    select
        cast(timezone(settings.reporting_zone, timezone('UTC', orders.ordered_at)) as date) as day,
        count(*) filter (where is_conversion) as orders,
        count(*) filter (where is_first_order) as new_customers,
        sum(revenue) as revenue,
        sum(refunded) filter (where is_conversion) as refunded,
        count(*) filter (where not is_conversion) as orders_left_out,
        count(*) filter (where is_conversion and credited.order_id is null) as orders_untracked
    from core.orders as orders
    cross join settings
    left join (select distinct order_id from core.credited_touches) as credited on credited.order_id = orders.order_id
    where orders.ordered_at <= settings.as_of
    group by all
),

visited as (
    -- Hours are cut first, so that few times have to be moved to the zone.
    select
        cast(timezone(settings.reporting_zone, timezone('UTC', hours.hour)) as date) as day,
        sum(hours.visits) as visits
    from (
        select date_trunc('hour', started_at) as hour, count(*) as visits
        from core.sessions
        where not is_machine and not is_test
        group by all
    ) as hours
    cross join settings
    group by all
),

arrived as (
    select
        cast(timezone(settings.reporting_zone, timezone('UTC', firsts.hour)) as date) as day,
        count(*) as new_people
    from (
        select customer_id, date_trunc('hour', min(started_at)) as hour from core.journeys group by customer_id
    ) as firsts
    cross join settings
    group by all
),

facts as (
    select day, orders, new_customers, revenue, refunded, orders_left_out, orders_untracked, 0 as visits, 0 as new_people
    from ordered
    union all
    select day, 0, 0, 0, 0, 0, 0, visits, 0 from visited
    union all
    select day, 0, 0, 0, 0, 0, 0, 0, new_people from arrived
)

select
    day,                                                   -- Day in the reporting zone.
    cast(sum(visits) as bigint) as visits,                 -- Visits that began on it.
    cast(sum(new_people) as bigint) as new_people,         -- People first seen on it.
    cast(sum(orders) as bigint) as orders,                 -- Orders that count as purchases.
    cast(sum(new_customers) as bigint) as new_customers,   -- Orders that were the buyer's first in the data.
    cast(sum(revenue) as decimal(18, 4)) as revenue,       -- Revenue of these orders, net of refunds, in the reporting currency.
    cast(sum(refunded) as decimal(18, 4)) as refunded,     -- Goods given back on them.
    cast(sum(orders_untracked) as bigint) as orders_untracked,    -- Orders that no tracked touchpoint led to.
    cast(sum(orders_left_out) as bigint) as orders_left_out,    -- Orders that are open, lost, cancelled or tests.
    day >= (select provisional_from from settings) as is_provisional    -- May still change: a source rewrites its latest days, or the day had not ended.
from facts
group by day
