-- One row per order that no tracked touchpoint led to: the reason why.
-- grain: order_id
with

settings as (select * from config.settings),

touched as (
    select customer_id, min(occurred_at) as first_touch_at from core.touches group by customer_id
),

reachable as (
    -- Somebody whose browser, account or address is known could have been seen; a till's own number leads nowhere.
    select distinct customer_id from identity.identifiers where kind in ('client_id', 'user_id', 'email', 'phone')
),

began as (select min(started_at) as first_visit_at from core.sessions)

select
    orders.order_id,                                       -- The order.
    orders.customer_id,                                    -- Who bought.
    orders.ordered_at,                                     -- When, UTC.
    orders.revenue,                                        -- Its revenue, in the reporting currency.
    case
        when touched.first_touch_at <= orders.counted_until_at then 'outside_the_look_back'
        when reachable.customer_id is null then 'identity_not_linked'
        when orders.ordered_at - case
                when orders.is_first_order then settings.first_order_lookback_days else settings.lookback_days
            end * interval 1 day < began.first_visit_at then 'data_begins_too_late'
        else 'no_touchpoint'
    end as reason                                          -- outside_the_look_back; identity_not_linked: nothing about the buyer leads to a browser, account or address; data_begins_too_late: the look-back reaches before the first visit in the data; no_touchpoint.
from core.orders as orders
cross join settings
cross join began
left join touched on touched.customer_id = orders.customer_id
left join reachable on reachable.customer_id = orders.customer_id
where orders.is_conversion and orders.order_id not in (select order_id from core.credited_touches)
