-- One row per order that no tracked touchpoint led to: the reason why.
-- grain: order_id
with

touched as (
    select customer_id, min(occurred_at) as first_touch_at from core.touches group by customer_id
),

reachable as (
    -- Somebody whose browser, account or address is known could have been seen; a till's own number leads nowhere.
    select distinct customer_id from identity.identifiers where kind in ('client_id', 'user_id', 'email', 'phone')
)

select
    orders.order_id,                                       -- The order.
    orders.customer_id,                                    -- Who bought.
    orders.ordered_at,                                     -- When, UTC.
    orders.revenue,                                        -- Its revenue, in the reporting currency.
    case
        when touched.first_touch_at <= orders.counted_until_at then 'outside_the_look_back'
        when reachable.customer_id is null then 'identity_not_linked'
        when truncated.order_id is not null then 'data_begins_too_late'
        else 'no_touchpoint'
    end as reason                                          -- outside_the_look_back; identity_not_linked: nothing about the buyer leads to a browser, account or address; data_begins_too_late: the look-back begins before the data, see core.truncated_orders; no_touchpoint.
from core.orders as orders
left join core.truncated_orders as truncated on truncated.order_id = orders.order_id
left join touched on touched.customer_id = orders.customer_id
left join reachable on reachable.customer_id = orders.customer_id
where orders.is_conversion and orders.order_id not in (select order_id from core.credited_touches)
