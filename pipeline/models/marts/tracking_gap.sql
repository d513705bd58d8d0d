-- One row per breakdown and value: the share of orders and revenue whose purchase no visit was seen to make.
-- grain: breakdown, breakdown_value
with

settings as (select * from config.settings),

reported as (
    -- A purchase within a visit that carries the order's number: the one the site itself reported.
    select matches.order_id, points.source_system
    from core.touchpoints as points
    join core.order_matches as matches using (source_system, order_ref)
    where points.session_id is not null
    group by all
),

seen as (select distinct order_id from reported),

trackers as (select coalesce(list(distinct source_system), []) as names from reported),

devices as (
    select customer_id, device_category, count(*) as visits
    from core.sessions
    where device_category is not null and not is_machine and not is_test
        and customer_id in (select customer_id from core.orders where is_conversion and sale_channel = 'web')
    group by customer_id, device_category
),

usual as (
    -- An order without a visit has no device; so all orders are told apart by what their buyers use in any visit.
    select customer_id, arg_max(device_category, (visits, device_category)) as device from devices group by customer_id
),

orders as (
    select
        orders.order_id,
        orders.revenue,
        strftime(timezone(settings.reporting_zone, timezone('UTC', orders.ordered_at)), '%Y-%m') as month,
        coalesce(orders.sale_channel, 'not known') as sale_channel,
        coalesce(customers.country, 'not known') as country,
        coalesce(usual.device, 'not known') as device,
        seen.order_id is null as is_untracked,
        len(list_intersect(orders.source_systems, trackers.names)) = len(orders.source_systems) as is_reported_only
    from core.orders as orders
    cross join settings
    cross join trackers
    left join core.customers as customers using (customer_id)
    left join usual using (customer_id)
    left join seen on seen.order_id = orders.order_id
    where orders.is_conversion
),

broken_down as (
    select
        unnest([
            {'breakdown': 'all', 'value': 'all'},
            {'breakdown': 'month', 'value': month},
            {'breakdown': 'sale_channel', 'value': sale_channel},
            {'breakdown': 'country', 'value': country},
            {'breakdown': 'device', 'value': device}
        ]) as part,
        revenue, is_untracked, is_reported_only, sale_channel
    from orders
),

counted as (
    select
        part.breakdown as breakdown, part.value as breakdown_value,
        count(*) as count_orders,
        count(*) filter (where is_untracked) as count_untracked,
        count(*) filter (where not coalesce(is_reported_only, false)) as count_booked,
        sum(revenue) as revenue,
        coalesce(sum(revenue) filter (where is_untracked), 0) as revenue_untracked,
        sum(cast(revenue as double) * revenue) as revenue_squares
    from broken_down
    where sale_channel = 'web' or part.breakdown = 'sale_channel'
    group by all
)

select
    breakdown,                                             -- all, month, country of the buyer, device: of orders on the web; sale_channel: of all orders.
    breakdown_value,                                       -- The month, country, sale channel, or the device the buyer uses most in any visit; not known without one.
    count_orders,                                          -- Orders.
    count_untracked,                                       -- Orders whose purchase no visit was seen to make.
    count_untracked / count_orders as untracked_share,     -- Their share.
    share_low(count_untracked, count_orders) as untracked_share_low,    -- Lower end of its 95 % interval.
    share_high(count_untracked, count_orders) as untracked_share_high,    -- Upper end.
    revenue,                                               -- Revenue of the orders, in the reporting currency.
    revenue_untracked,                                     -- Revenue of those without such a visit.
    case when revenue > 0 then cast(revenue_untracked as double) / revenue end as revenue_share,    -- Their share of revenue.
    part_low(revenue_untracked, revenue, revenue_squares) as revenue_share_low,    -- Lower end of its 95 % interval (score interval on the effective number of orders).
    part_high(revenue_untracked, revenue, revenue_squares) as revenue_share_high,    -- Upper end.
    count_booked,                                          -- Orders that the shop, the till or the CRM has, whatever visits report.
    case when count_booked > 0 then (count_orders - count_untracked) / count_booked end as reported_ratio    -- Orders that visits report for each of them; above 1 when visits report orders that no book has.
from counted
