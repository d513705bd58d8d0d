-- One row per journey and touch in it, numbered without gaps.
-- grain: journey_id, step_index
with

touches as (
    select
        *,
        place - min(place) over (partition by journey_id) + 1 as step_index
    from core.timeline
    where not is_purchase
)

select
    touches.journey_id,                                    -- Journey.
    touches.step_index,                                    -- 1 is the first touch of the journey.
    touches.touch_id,                                      -- The touch.
    touches.customer_id,                                   -- Customer.
    touches.occurred_at,                                   -- When the touch began, UTC.
    touches.channel_code,                                  -- Channel in core.channel_codes.
    touches.is_claimed and touches.is_in_own_lookback as is_creditable    -- It can earn credit for the purchase the journey ends in.
from touches
