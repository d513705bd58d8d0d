-- One row per reading of who is who, order and touch that could earn credit for it under any of the variants compared.
-- grain: linking, order_id, touch_id
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

known as (
    select
        touches.touch_id, touches.touch_id as of_touch_id, touches.occurred_at, touches.tie_rank, touches.channel,
        touches.channel_code, touches.lookback_days, true as is_in_force, variants.touch_id is null as is_in_other
    from core.touch_readings as readings
    join core.touches as touches using (touch_id)
    left join core.session_variants as variants on variants.touch_id = touches.touch_id and not variants.is_added
    union all
    select touch_id, of_touch_id, occurred_at, tie_rank, channel, channel_code, null, false, true
    from core.session_variants
    where is_added
),

touches as (
    select
        linkings.linking,
        case linking when 'strict' then readings.strict_id when 'loose' then readings.loose_id else readings.component_id end as person,
        known.*
    from known
    join core.touch_readings as readings on readings.touch_id = known.of_touch_id
    cross join linkings
)

select
    touches.linking,                                       -- strict, default or loose: which links are followed; see identity.readings.
    bought.order_id,                                       -- The order.
    touches.touch_id,                                      -- The touch, in core.touches or core.session_variants.
    touches.occurred_at,                                   -- When it began, UTC.
    coalesce(touches.tie_rank, 0) as tie_rank,             -- Place among touches of the same time.
    touches.channel,                                       -- Channel.
    channels.model_code,                                   -- Its number in core.model_channels.
    bought.counted_until_at,                               -- End of what the clock of the order can tell, UTC.
    bought.revenue,                                        -- Revenue of the order, in the reporting currency.
    bought.is_first_order,                                 -- It is the first order of whoever bought in this reading.
    touches.is_in_force,                                   -- The rule in force for the end of a visit has the touch.
    touches.is_in_other                                    -- The other rule has it; see core.session_variants.
from touches
asof join at_once as bought
    on bought.linking = touches.linking and bought.person = touches.person
    and touches.occurred_at <= bought.counted_until_at
cross join settings
left join core.model_channels as channels on channels.channel_code = touches.channel_code
where bought.counted_until_at <= touches.occurred_at
        + greatest(settings.first_order_lookback_days, settings.lookback_days, 90) * interval 1 day
    and (touches.lookback_days is null
        or bought.counted_until_at <= touches.occurred_at + touches.lookback_days * interval 1 day)
