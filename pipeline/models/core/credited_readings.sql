-- One row per reading of who is who, order and touch that earns credit for it in that reading.
-- grain: linking, order_id, credit_index
with

settings as (select * from config.settings),

linkings as (select unnest(['strict', 'default', 'loose']) as linking),

purchases as (
    select
        linkings.linking,
        case linking when 'strict' then readings.strict_id when 'loose' then readings.loose_id else readings.component_id end as person,
        orders.order_id, orders.ordered_at, orders.counted_until_at, orders.revenue
    from core.order_readings as readings
    join core.orders as orders using (order_id)
    cross join linkings
),

numbered as (
    select *, row_number() over (partition by linking, person order by ordered_at, order_id) = 1 as is_first_order
    from purchases
),

at_once as (
    -- Of purchases at the very same time the first takes the touches, as in core.timeline.
    select
        linking, person, counted_until_at, arg_min(order_id, order_id) as order_id, arg_min(revenue, order_id) as revenue,
        arg_min(is_first_order, order_id) as is_first_order
    from numbered
    group by linking, person, counted_until_at
),

touches as (
    select
        linkings.linking,
        case linking when 'strict' then readings.strict_id when 'loose' then readings.loose_id else readings.component_id end as person,
        touches.touch_id, touches.occurred_at, touches.tie_rank, touches.channel, touches.channel_code, touches.lookback_days
    from core.touch_readings as readings
    join core.touches as touches using (touch_id)
    cross join linkings
),

followed as (
    select
        touches.*, bought.order_id, bought.revenue,
        touches.channel = 'Direct'
            and bool_or(touches.channel <> 'Direct') over (partition by touches.linking, bought.order_id) as is_spare_direct
    from touches
    asof join at_once as bought
        on bought.linking = touches.linking and bought.person = touches.person
        and touches.occurred_at <= bought.counted_until_at
    cross join settings
    where bought.counted_until_at <= touches.occurred_at
            + case when is_first_order then first_order_lookback_days else settings.lookback_days end * interval 1 day
        and (touches.lookback_days is null or counted_until_at <= touches.occurred_at + touches.lookback_days * interval 1 day)
),

ranked as (
    select
        followed.*,
        channels.model_code,
        row_number() over in_order as credit_index,
        count(*) over whole as credit_count,
        count(*) over (partition by linking, order_id, followed.channel) as count_same_channel,
        count(*) over (partition by linking, order_id, channels.model_code) as count_same_code,
        power(2.0, -date_diff('microsecond', occurred_at, max(occurred_at) over whole)
            / (86400000000.0 * settings.half_life_days)) as decay
    from followed
    left join core.model_channels as channels on channels.channel_code = followed.channel_code
    cross join settings
    where not (exclude_direct and is_spare_direct)
    window in_order as (partition by linking, order_id order by occurred_at, coalesce(tie_rank, 0), touch_id),
        whole as (partition by linking, order_id)
)

select
    ranked.linking,                                        -- strict, default or loose: which links are followed; see identity.readings.
    ranked.order_id,                                       -- The order.
    ranked.credit_index,                                   -- 1 is the first touch that earns credit.
    ranked.credit_count,                                   -- Touches that earn credit for the order.
    ranked.touch_id,                                       -- The touch in core.touches.
    ranked.channel,                                        -- Channel.
    ranked.model_code,                                     -- Its number in core.model_channels.
    ranked.revenue,                                        -- Revenue of the order, in the reporting currency.
    ranked.decay,                                          -- Weight in time decay: 1 for the last touch.
    ranked.count_same_channel,                             -- Touches that earn credit for the order and are of this channel.
    ranked.count_same_code                                 -- The same of the channels under its model_code.
from ranked
