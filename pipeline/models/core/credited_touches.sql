-- One row per touch that earns credit for an order, with its place among those that do.
-- grain: journey_id, credit_index
with

settings as (select * from config.settings),

touches as (
    select
        steps.journey_id,
        steps.touch_id,
        steps.occurred_at,
        touches.channel,
        touches.source,
        touches.medium,
        touches.campaign,
        journeys.order_id,
        journeys.revenue,
        orders.ordered_at,
        row_number() over in_journey as credit_index,
        count(*) over (partition by steps.journey_id) as credit_count,
        max(case when touches.channel <> 'Direct' then steps.step_index end) over (partition by steps.journey_id) as last_named_step,
        steps.step_index,
        power(2.0, -date_diff('microsecond', steps.occurred_at, orders.counted_until_at)
            / (86400000000.0 * settings.half_life_days)) as decay
    from core.journey_steps as steps
    join core.journeys as journeys on journeys.journey_id = steps.journey_id and journeys.outcome = 'converted'
    join core.orders as orders on orders.order_id = journeys.order_id
    join core.touches as touches on touches.touch_id = steps.touch_id
    cross join settings
    where steps.is_creditable
    window in_journey as (partition by steps.journey_id order by steps.step_index)
),

weighed as (
    select
        *,
        sum(decay) over (partition by journey_id order by credit_index rows between unbounded preceding and current row)
            / sum(decay) over (partition by journey_id) as decay_upto
    from touches
)

select
    weighed.journey_id,                                    -- Journey.
    weighed.credit_index,                                  -- 1 is the first touch that earns credit.
    weighed.credit_count,                                  -- Touches of the journey that earn credit.
    weighed.touch_id,                                      -- The touch in core.touches.
    weighed.channel,                                       -- Channel.
    weighed.source,                                        -- Source; empty when there is none.
    weighed.medium,                                        -- Medium; empty when there is none.
    weighed.campaign,                                      -- Campaign; empty when there is none.
    weighed.order_id,                                      -- The order.
    weighed.revenue,                                       -- Its revenue, in the reporting currency.
    cast(date_trunc('month', timezone(settings.reporting_zone, timezone('UTC', weighed.ordered_at))) as date) as month,    -- Month of the order in the reporting zone.
    coalesce(weighed.last_named_step = weighed.step_index,
        weighed.credit_index = weighed.credit_count) as is_last_non_direct,    -- Last touch that is not Direct; the last of all when all are.
    case when credit_index = credit_count then 1.0 else decay_upto end as decay_upto,    -- Share of time decay earned by this touch and those before it.
    coalesce(lag(decay_upto) over (partition by journey_id order by credit_index), 0.0) as decay_before    -- The same without this touch.
from weighed
cross join settings
