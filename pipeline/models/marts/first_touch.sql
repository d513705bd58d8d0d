-- One row per channel: orders by first touch, with and without those whose look-back begins before the data.
-- grain: channel
with

firsts as (
    select
        orders.order_id, orders.revenue,
        coalesce(credited.channel, 'No tracked touchpoint') as channel,
        truncated.order_id is not null as is_truncated
    from core.orders as orders
    left join core.credited_touches as credited on credited.order_id = orders.order_id and credited.credit_index = 1
    left join core.truncated_orders as truncated on truncated.order_id = orders.order_id
    where orders.is_conversion
),

counted as (
    select
        channel,
        count(*) as count_orders,
        sum(revenue) as revenue,
        count(*) filter (where is_truncated) as count_truncated,
        coalesce(sum(revenue) filter (where is_truncated), 0) as revenue_truncated,
        sum(count(*)) over () as all_orders,
        sum(count(*) filter (where not is_truncated)) over () as whole_orders
    from firsts
    group by channel
)

select
    channel,                                               -- Channel of the first touch; "No tracked touchpoint" for orders that nothing led to.
    count_orders,                                          -- Orders.
    revenue,                                               -- Their revenue, in the reporting currency.
    count_truncated,                                       -- Of these, orders whose look-back begins before the data: an earlier touch may be missing.
    revenue_truncated,                                     -- Revenue of those.
    count_orders / all_orders as orders_share,             -- Share of all orders.
    cast(whole_orders as bigint) as whole_orders,          -- Orders of every channel whose look-back the data covers.
    case when whole_orders > 0 then (count_orders - count_truncated) / whole_orders end as whole_share,    -- Share of the orders whose look-back the data covers.
    share_low(count_orders - count_truncated, whole_orders) as whole_share_low,    -- Lower end of its 95 % interval.
    share_high(count_orders - count_truncated, whole_orders) as whole_share_high    -- Upper end.
from counted
