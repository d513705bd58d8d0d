-- One row per month and channel: visits, leads, orders and revenue by the default model, spend.
-- grain: month, channel
with

settings as (select * from config.settings),

visits as (
    select
        cast(date_trunc('month', timezone(min(settings.reporting_zone), timezone('UTC', date_trunc('hour', sessions.started_at)))) as date) as month,
        sessions.channel,
        count(*) as visits,
        count(distinct sessions.customer_id) as visitors
    from core.sessions as sessions
    cross join settings
    where not sessions.is_machine and not sessions.is_test
    group by date_trunc('hour', sessions.started_at), sessions.channel
),

leads as (
    select
        cast(date_trunc('month', timezone(settings.reporting_zone, timezone('UTC', points.occurred_at))) as date) as month,
        points.channel,
        count(distinct points.customer_id) as leads
    from core.touchpoints as points
    cross join settings
    where points.interaction in ('form_submit', 'lead_created') and not points.is_machine and not points.is_test
    group by all
),

earned as (
    select attribution.month, attribution.channel, sum(conversions) as orders, sum(credited_revenue) as revenue, sum(count_orders) as count_orders
    from marts.attribution as attribution
    join settings on settings.default_model = attribution.model
    where attribution.level = 'channel'
    group by all
),

won as (
    -- New customers go to the channel of the last touch that is not Direct, whatever the default model.
    select touches.month, touches.channel, count(*) as new_customers
    from core.credited_touches as touches
    join core.orders as orders on orders.order_id = touches.order_id
    where orders.is_first_order and touches.is_last_non_direct
    group by all
    union all
    select
        cast(date_trunc('month', timezone(settings.reporting_zone, timezone('UTC', orders.ordered_at))) as date),
        'No tracked touchpoint',
        count(*)
    from core.orders as orders
    cross join settings
    where orders.is_first_order and orders.order_id not in (select order_id from core.credited_touches)
    group by all
),

spent as (
    select cast(period || '-01' as date) as month, channel, spend
    from core.spend_totals
    where level = 'channel' and period <> 'all'
),

facts as (
    select month, channel, visits, 0 as leads, 0.0 as orders, 0 as revenue, 0 as count_orders, 0 as new_customers, null as spend from visits
    union all
    select month, channel, 0, leads, 0, 0, 0, 0, null from leads
    union all
    select month, channel, 0, 0, orders, revenue, count_orders, 0, null from earned
    union all
    select month, channel, 0, 0, 0, 0, 0, new_customers, null from won
    union all
    select month, channel, 0, 0, 0, 0, 0, 0, spend from spent
)

select
    month,                                                 -- Month in the reporting zone; of spend: of the platform.
    channel,                                               -- Channel.
    cast(sum(visits) as bigint) as visits,                 -- Visits that began under it.
    cast(sum(leads) as bigint) as leads,                   -- People who sent a form or became a contact under it.
    sum(orders) as orders,                                 -- Orders credited by the default model, in shares.
    cast(sum(count_orders) as bigint) as count_orders,     -- Orders in which it earned any credit by that model.
    cast(sum(new_customers) as bigint) as new_customers,   -- First orders whose last touch that is not Direct was of it.
    cast(sum(revenue) as decimal(18, 6)) as revenue,       -- Revenue credited by the default model, in the reporting currency.
    cast(sum(spend) as decimal(18, 4)) as spend            -- Money spent, in the reporting currency; null when no export says.
from facts
group by month, channel
