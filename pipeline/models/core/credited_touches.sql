-- One row per touch that earns credit for an order, with its place among those that do.
-- grain: journey_id, credit_index
with

settings as (select * from config.settings),

channels as (
    select
        codes.channel_code, channels.model_code, codes.channel <> 'Direct' as is_named,
        list_contains(settings.paid_channels, codes.channel) as is_paid
    from core.channel_codes as codes
    left join core.model_channels as channels on channels.channel_code = codes.channel_code
    cross join settings
),

-- Narrow until the end: what a touch is called is looked up once, for the rows that are left.
creditable as (
    select
        steps.journey_id, steps.step_index, steps.touch_id, steps.occurred_at, channels.*
    from core.journey_steps as steps
    join channels on channels.channel_code = steps.channel_code
    where steps.is_creditable
),

found as (
    select
        journey_id,
        count(*) as count_all, count(*) filter (where is_named) as count_named,
        max(occurred_at) as last_at, max(occurred_at) filter (where is_named) as last_named_at,
        max(step_index) filter (where is_named) as last_named_step,
        max(step_index) filter (where is_paid) as last_paid_step,
        max(step_index) filter (where is_paid and is_named) as last_paid_named_step
    from creditable
    group by journey_id
),

-- Where settings leave Direct out, it earns nothing beside others.
journeys as (
    select
        found.journey_id,
        is_without, last_named_step,
        if(is_without, count_named, count_all) as credit_count,
        if(is_without, count_all - count_named, 0) as direct_left_out,
        if(is_without, last_named_at, last_at) as last_at,
        if(is_without, last_paid_named_step, last_paid_step) as last_paid_step,
        journeys.customer_id, journeys.order_id, journeys.revenue, journeys.is_first_order,
        cast(date_trunc('month', timezone(settings.reporting_zone, timezone('UTC', orders.ordered_at))) as date) as month
    from found
    join core.journeys as journeys on journeys.journey_id = found.journey_id and journeys.outcome = 'converted'
    join core.orders as orders on orders.order_id = journeys.order_id
    cross join settings
    cross join lateral (select exclude_direct and count_named > 0 as is_without)
),

same_channel as (
    select journey_id, channel_code, model_code, is_named, count(*) as touches
    from creditable
    group by journey_id, channel_code, model_code, is_named
),

same_code as (
    select journey_id, model_code, sum(touches) as touches, coalesce(sum(touches) filter (where is_named), 0) as named_touches
    from same_channel
    group by journey_id, model_code
),

-- Places among all that could earn credit, and among those that are not Direct.
numbered as (
    select
        creditable.*, row_number() over in_order as place, count(*) filter (where is_named) over in_order as named_place
    from creditable
    window in_order as (partition by journey_id order by step_index rows between unbounded preceding and current row)
),

touches as (
    select
        numbered.*,
        journeys.* exclude (journey_id),
        if(is_without, named_place, place) as credit_index,
        same_channel.touches as count_same_channel,
        cast(if(is_without, same_code.named_touches, same_code.touches) as bigint) as count_same_code,
        -- Ages are told from the last touch that earns credit: that one weighs 1, however long ago it was.
        power(2.0, -date_diff('microsecond', numbered.occurred_at, journeys.last_at)
            / (86400000000.0 * settings.half_life_days)) as decay
    from numbered
    join journeys on journeys.journey_id = numbered.journey_id
    join same_channel on same_channel.journey_id = numbered.journey_id and same_channel.channel_code = numbered.channel_code
    join same_code on same_code.journey_id = numbered.journey_id and same_code.model_code is not distinct from numbered.model_code
    cross join settings
    where numbered.is_named or not is_without
)

select
    touches.journey_id,                                    -- Journey.
    touches.credit_index,                                  -- 1 is the first touch that earns credit.
    touches.credit_count,                                  -- Touches of the journey that earn credit.
    touches.touch_id,                                      -- The touch in core.touches.
    touches.occurred_at,                                   -- When it began, UTC.
    known.channel,                                         -- Channel.
    touches.model_code,                                    -- Its number in core.model_channels.
    known.source,                                          -- Source; empty when there is none.
    known.medium,                                          -- Medium; empty when there is none.
    known.campaign,                                        -- Campaign; empty when there is none.
    known.content,                                         -- Ad or link variant; empty when there is none.
    touches.customer_id,                                   -- Customer.
    touches.order_id,                                      -- The order.
    touches.revenue,                                       -- Its revenue, in the reporting currency.
    touches.is_first_order,                                -- It is the customer's first order.
    touches.month,                                         -- Month of the order in the reporting zone.
    coalesce(touches.last_named_step = touches.step_index,
        touches.credit_index = touches.credit_count) as is_last_non_direct,    -- Last touch that is not Direct; the last of all when all are.
    coalesce(coalesce(touches.last_paid_step, touches.last_named_step) = touches.step_index,
        touches.credit_index = touches.credit_count) as is_last_paid,    -- Last touch of a paid channel; without one, the last that is not Direct.
    touches.decay,                                         -- Weight in time decay: 1 for the last touch.
    touches.count_same_channel,                            -- Touches of the journey that earn credit and are of this channel.
    touches.count_same_code,                               -- The same of the channels under its model_code.
    touches.direct_left_out                                -- Direct touches of the journey that earn nothing because settings leave Direct out.
from touches
join core.touches as known on known.touch_id = touches.touch_id
