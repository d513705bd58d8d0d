-- One row per breakdown and value: the share of orders and revenue whose purchase no visit was seen to make.
-- grain: breakdown, breakdown_value
with

settings as (select * from config.settings),

seen as (
    -- A purchase within a visit that carries the order's number: the one the site itself reported.
    select distinct matches.order_id
    from core.touchpoints as points
    join core.order_matches as matches using (source_system, order_ref)
    where points.session_id is not null
),

orders as (
    select
        orders.order_id,
        orders.revenue,
        strftime(timezone(settings.reporting_zone, timezone('UTC', orders.ordered_at)), '%Y-%m') as month,
        coalesce(orders.sale_channel, 'not known') as sale_channel,
        coalesce(customers.country, 'not known') as country,
        seen.order_id is null as is_untracked
    from core.orders as orders
    cross join settings
    left join core.customers as customers using (customer_id)
    left join seen on seen.order_id = orders.order_id
    where orders.is_conversion
),

broken_down as (
    select unnest([
        {'breakdown': 'all', 'value': 'all'},
        {'breakdown': 'month', 'value': month},
        {'breakdown': 'sale_channel', 'value': sale_channel},
        {'breakdown': 'country', 'value': country}
    ]) as part, revenue, is_untracked, sale_channel
    from orders
    where sale_channel = 'web'
    union all
    select {'breakdown': 'sale_channel', 'value': sale_channel}, revenue, is_untracked, sale_channel
    from orders
    where sale_channel <> 'web'
),

counted as (
    select
        part.breakdown as breakdown, part.value as breakdown_value,
        count(*) as count_orders,
        count(*) filter (where is_untracked) as count_untracked,
        sum(revenue) as revenue,
        coalesce(sum(revenue) filter (where is_untracked), 0) as revenue_untracked
    from broken_down
    group by all
)

select
    breakdown,                                             -- all, month, country: of orders on the web; sale_channel: of all orders.
    breakdown_value,                                       -- The month, country or sale channel.
    count_orders,                                          -- Orders.
    count_untracked,                                       -- Orders whose purchase no visit was seen to make.
    count_untracked / count_orders as untracked_share,     -- Their share.
    share_low(count_untracked, count_orders) as untracked_share_low,    -- Lower end of its 95 % interval.
    share_high(count_untracked, count_orders) as untracked_share_high,    -- Upper end.
    revenue,                                               -- Revenue of the orders, in the reporting currency.
    revenue_untracked                                      -- Revenue of those without such a visit.
from counted
