-- One row per touch or purchase of a customer, in order, with the journey it belongs to.
-- grain: customer_id, place
with

settings as (select * from config.settings),

purchases as (
    select order_id, customer_id, counted_until_at, is_first_order
    from core.orders
    where is_conversion and customer_id is not null
),

happened as (
    select
        customer_id, occurred_at, 0 as kind, coalesce(tie_rank, 0) as tie_rank, touch_id, cast(null as varchar) as order_id,
        channel_code, lookback_days,
        cast(null as boolean) as is_first_order
    from core.touches
    union all
    select customer_id, counted_until_at, 1, 2147483647, 0, order_id, null, null, is_first_order
    from purchases
),

ahead as (
    -- One sort serves every window here. Of the same time, touches come before purchases, by stage, source and id.
    select
        *,
        row_number() over in_order as place,
        lag(kind) over in_order as previous_kind,
        lag(occurred_at) over in_order as previous_at,
        first_value(case when kind = 1 then occurred_at end ignore nulls) over (
            in_order rows between current row and unbounded following) as next_purchase_at,
        first_value(case when kind = 1 then is_first_order end ignore nulls) over (
            in_order rows between current row and unbounded following) as next_is_first,
        coalesce(sum(kind) over (in_order rows between unbounded preceding and 1 preceding), 0) as purchases_before
    from happened
    window in_order as (partition by customer_id order by occurred_at, tie_rank, touch_id, order_id)
),

reached as (
    select
        ahead.*,
        next_purchase_at
            - if(next_is_first, settings.first_order_lookback_days, settings.lookback_days) * interval 1 day as claimed_from,
        if(purchases_before = 0, settings.first_order_idle_days, settings.idle_days) as idle_days
    from ahead
    cross join settings
),

begun as (
    -- A journey begins after a purchase, where the look-back of the next purchase begins, and after too long a silence.
    -- Between two purchases all have the same look-back ahead of them, the touch before as well.
    select
        *,
        coalesce(occurred_at >= claimed_from, false) as is_claimed,
        case
            when previous_kind is null or previous_kind = 1 then 1
            when occurred_at >= claimed_from then cast(previous_at < claimed_from as int)
            when occurred_at > previous_at + idle_days * interval 1 day then 1
            else 0
        end as begins
    from reached
)

select
    customer_id,                                           -- Customer.
    place,                                                 -- 1 is the customer's first touch or purchase.
    occurred_at,                                           -- When, UTC; for a purchase the end of what its clock can tell.
    kind = 1 as is_purchase,                               -- It is a purchase, not a touch.
    touch_id,                                              -- The touch; 0 for a purchase.
    order_id,                                              -- The order; null for a touch.
    channel_code,                                          -- Channel of the touch in core.channel_codes.
    customer_id * 1000000 + sum(begins) over (
        partition by customer_id order by place rows between unbounded preceding and current row) as journey_id,    -- Journey it belongs to.
    begins = 1 as is_start,                                -- The journey begins here.
    is_claimed,                                            -- A later purchase lies within the look-back.
    lookback_days is null or coalesce(
        next_purchase_at <= occurred_at + lookback_days * interval 1 day, false) as is_in_own_lookback,    -- The touch's own, shorter look-back reaches the purchase as well.
    idle_days                                              -- Days of silence after which the journey is lost.
from begun
