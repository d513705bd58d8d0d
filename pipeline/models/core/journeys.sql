-- One row per journey: the touches of a customer up to a purchase, or up to a silence.
-- grain: journey_id
with

settings as (select * from config.settings),

grouped as (
    select
        journey_id,
        min(customer_id) as customer_id,
        min(occurred_at) as started_at,
        max(occurred_at) as ended_at,
        max(order_id) as order_id,
        count(*) filter (where not is_purchase) as count_touches,
        arg_min(touch_id, place) filter (where not is_purchase) as first_touch_id,
        arg_max(touch_id, place) filter (where not is_purchase) as last_touch_id,
        max(occurred_at) filter (where not is_purchase) as last_touch_at,
        -- Place and channel in one number: whole numbers are sorted faster than by a second column.
        list_transform(
            list_sort(list(place * 65536 + channel_code) filter (where not is_purchase)),
            lambda packed: cast(packed & 65535 as smallint)) as channel_codes,
        max(idle_days) as idle_days
    from core.timeline
    group by journey_id
),

followed as (
    select
        *,
        row_number() over (partition by customer_id order by journey_id) as journey_index,
        lead(started_at) over (partition by customer_id order by journey_id) as next_started_at
    from grouped
)

select
    followed.journey_id,                                   -- Journey: the customer's number and the journey's place among theirs.
    followed.customer_id,                                  -- Customer.
    followed.journey_index,                                -- 1 is the customer's first journey.
    case
        when followed.order_id is not null then 'converted'
        when followed.next_started_at is not null then 'lost'
        when followed.ended_at + followed.idle_days * interval 1 day < settings.as_of then 'lost'
        else 'open'
    end as outcome,                                        -- converted; lost: silence for idle_days, or a new journey began; open: it may still end in a purchase.
    followed.order_id,                                     -- The order it ended in; null unless converted.
    coalesce(orders.revenue, 0) as revenue,                -- Revenue of that order, in the reporting currency.
    coalesce(orders.is_first_order, false) as is_first_order,    -- That order is the customer's first.
    truncated.order_id is not null as is_truncated,        -- Its look-back begins before the data, so that earlier touches may be missing.
    followed.started_at,                                   -- First touch, or the purchase when there is none, UTC.
    followed.ended_at,                                     -- Purchase or last touch, UTC.
    followed.last_touch_at,                                -- Last touch, UTC; null when there is none.
    followed.next_started_at,                              -- When the customer's next journey begins, UTC.
    followed.count_touches,                                -- Touches in it.
    followed.first_touch_id,                               -- First touch in core.touches.
    followed.last_touch_id,                                -- Last touch in core.touches.
    followed.channel_codes[1] as first_channel_code,       -- Channel of the first touch; null when there is none.
    followed.channel_codes[-1] as last_channel_code,       -- Channel of the last touch; null when there is none.
    followed.channel_codes,                                -- Channels of the touches in order, as numbers of core.channel_codes.
    date_diff('second', followed.started_at, followed.ended_at) / 86400.0 as duration_days    -- Days from beginning to end.
from followed
cross join settings
left join core.orders as orders on orders.order_id = followed.order_id
left join core.truncated_orders as truncated on truncated.order_id = followed.order_id
