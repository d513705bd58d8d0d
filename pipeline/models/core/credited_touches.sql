-- One row per touch that earns credit for an order, with its place among those that do.
-- grain: journey_id, credit_index
with

settings as (select * from config.settings),

creditable as (
    select
        steps.*,
        touches.channel,
        touches.source,
        touches.medium,
        touches.campaign,
        touches.content,
        touches.channel = 'Direct' and bool_or(touches.channel <> 'Direct') over (partition by steps.journey_id) as is_spare_direct,
        settings.exclude_direct
    from core.journey_steps as steps
    join core.touches as touches on touches.touch_id = steps.touch_id
    cross join settings
    where steps.is_creditable
),

kept as (
    select
        *,
        case when exclude_direct then count(*) filter (where is_spare_direct) over (partition by journey_id) else 0 end as direct_left_out
    from creditable
    qualify not (exclude_direct and is_spare_direct)
),

touches as (
    select
        kept.* exclude (customer_id),
        channels.model_code,
        journeys.customer_id,
        journeys.order_id,
        journeys.revenue,
        journeys.is_first_order,
        orders.ordered_at,
        row_number() over in_journey as credit_index,
        count(*) over whole as credit_count,
        max(kept.step_index) filter (where kept.channel <> 'Direct') over whole as last_named_step,
        max(kept.step_index) filter (where list_contains(settings.paid_channels, kept.channel)) over whole as last_paid_step,
        count(*) over same_channel as count_same_channel,
        count(*) over same_code as count_same_code,
        -- Ages are told from the last touch that earns credit: that one weighs 1, however long ago it was.
        power(2.0, -date_diff('microsecond', kept.occurred_at, max(kept.occurred_at) over whole)
            / (86400000000.0 * settings.half_life_days)) as decay
    from kept
    join core.journeys as journeys on journeys.journey_id = kept.journey_id and journeys.outcome = 'converted'
    join core.orders as orders on orders.order_id = journeys.order_id
    left join core.model_channels as channels on channels.channel_code = kept.channel_code
    cross join settings
    window in_journey as (partition by kept.journey_id order by kept.step_index),
        whole as (partition by kept.journey_id),
        same_channel as (partition by kept.journey_id, kept.channel),
        same_code as (partition by kept.journey_id, channels.model_code)
)

select
    touches.journey_id,                                    -- Journey.
    touches.credit_index,                                  -- 1 is the first touch that earns credit.
    touches.credit_count,                                  -- Touches of the journey that earn credit.
    touches.touch_id,                                      -- The touch in core.touches.
    touches.occurred_at,                                   -- When it began, UTC.
    touches.channel,                                       -- Channel.
    touches.model_code,                                    -- Its number in core.model_channels.
    touches.source,                                        -- Source; empty when there is none.
    touches.medium,                                        -- Medium; empty when there is none.
    touches.campaign,                                      -- Campaign; empty when there is none.
    touches.content,                                       -- Ad or link variant; empty when there is none.
    touches.customer_id,                                   -- Customer.
    touches.order_id,                                      -- The order.
    touches.revenue,                                       -- Its revenue, in the reporting currency.
    touches.is_first_order,                                -- It is the customer's first order.
    cast(date_trunc('month', timezone(settings.reporting_zone, timezone('UTC', touches.ordered_at))) as date) as month,    -- Month of the order in the reporting zone.
    coalesce(touches.last_named_step = touches.step_index,
        touches.credit_index = touches.credit_count) as is_last_non_direct,    -- Last touch that is not Direct; the last of all when all are.
    coalesce(coalesce(touches.last_paid_step, touches.last_named_step) = touches.step_index,
        touches.credit_index = touches.credit_count) as is_last_paid,    -- Last touch of a paid channel; without one, the last that is not Direct.
    touches.decay,                                         -- Weight in time decay: 1 for the last touch.
    touches.count_same_channel,                            -- Touches of the journey that earn credit and are of this channel.
    touches.count_same_code,                               -- The same of the channels under its model_code.
    touches.direct_left_out                                -- Direct touches of the journey that earn nothing because settings leave Direct out.
from touches
cross join settings
