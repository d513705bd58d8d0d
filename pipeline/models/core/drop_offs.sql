-- One row per stop on the way to an order: how far the customer got, what they did next, and whether they bought later.
-- grain: basis, drop_id
with

settings as (select * from config.settings),

purchases as (
    select
        timeline.customer_id, timeline.place, timeline.occurred_at, timeline.order_id, orders.revenue,
        sold_in(orders.sale_channel) as sold_in
    from core.timeline as timeline
    join core.orders as orders on orders.order_id = timeline.order_id
),

passed as (
    -- Of one time, touches come before purchases; the microsecond keeps that order.
    select customer_id, occurred_at + is_purchase::integer * interval 1 microsecond as at, max(place) as place
    from core.timeline
    group by all
),

dropped as (
    -- Purchases count behind last_place of stages; in a funnel since it was entered, as they may have come by another way.
    select
        'stages' as basis, attempt_id as drop_id, customer_id, last_place, last_place as since_place,
        started_at, ended_at as stopped_at,
        is_decided, reached_index > earlier_index as is_furthest, reached_index,
        coalesce(here.stage, 'none') as reached, ahead.stage as next_step,
        first_channel, last_channel, last_page, last_interaction, device_category
    from core.attempts
    left join config.stages as here on here.stage_index = reached_index
    left join config.stages as ahead on ahead.stage_index = reached_index + 1
    where order_id is null
    union all
    select
        'funnel ' || people.funnel_index, people.customer_id, people.customer_id, coalesce(passed.place, 0),
        coalesce(purchases.place - 1, 9223372036854775807), people.started_at, people.stopped_at,
        true, true, last_level, here.step, ahead.step,
        people.first_channel, coalesce(last_channel, '(not known)'), coalesce(last_page, '(no page)'),
        coalesce(last_interaction, 'other'), people.device_category
    from core.funnel_people as people
    join core.funnel_steps as here
        on here.funnel_index = people.funnel_index and here.level = people.last_level and here.is_on_the_way
    join core.funnel_steps as ahead
        on ahead.funnel_index = people.funnel_index and ahead.level = people.last_level + 1
    left join purchases on purchases.order_id = people.order_id
    asof left join passed on passed.customer_id = people.customer_id and passed.at <= people.stopped_at
    asof left join core.attempts as ending
        on ending.customer_id = people.customer_id and ending.started_at <= people.stopped_at
    where people.outcome = 'lost'
),

followed as (
    select
        dropped.*,
        purchases.occurred_at as bought_at, purchases.order_id, purchases.revenue, purchases.sold_in,
        following.touch_id as next_touch_id,
        following.occurred_at as next_at,
        following.is_purchase as next_is_purchase,
        following.occurred_at <= dropped.stopped_at + drop_next_days * interval 1 day as is_soon,
        dropped.is_decided and dropped.stopped_at + drop_next_days * interval 1 day < settings.as_of as is_next_known,
        settings.as_of - dropped.stopped_at as seen_for
    from dropped
    cross join settings
    asof left join purchases on purchases.customer_id = dropped.customer_id and purchases.place > dropped.since_place
    left join core.timeline as following
        on following.customer_id = dropped.customer_id and following.place = dropped.last_place + 1
)

select
    basis,                                                 -- What the steps are: stages, or those of a funnel: funnel and its number in config.funnels.
    drop_id,                                               -- Stop; of stages the attempt in core.attempts, of a funnel the customer, who stands in it once.
    followed.customer_id,                                  -- Customer.
    followed.started_at,                                   -- Where the attempt, or the way through the funnel, began, UTC.
    stopped_at,                                            -- Last thing seen, UTC; of a funnel the last step done.
    is_decided,                                            -- The pause after it, or the window of the funnel, is over; until then it may still go on and counts as open.
    is_furthest,                                           -- No earlier attempt of the same cycle got as far: counts take only these, so a cycle counts once a step.
    reached_index,                                         -- Place of the furthest step reached among the stages or levels; 0 without evidence of any.
    reached,                                               -- That step; none without evidence of any.
    next_step,                                             -- The step that was not reached.
    first_channel,                                         -- Channel of the first touch of the attempt, or of the one in which the funnel was entered.
    last_channel,                                          -- Channel of the last touch of the attempt it ended in.
    last_page,                                             -- Last page seen.
    followed.last_interaction,                             -- Last thing done.
    followed.device_category,                              -- Device it began on.
    case
        when not is_next_known then 'open'
        when not coalesce(is_soon, false) then 'nothing'
        when next_is_purchase then 'bought_' || sold_in
        when touches.session_id is not null then 'visit'
        else touches.interaction
    end as next_action,                                    -- What came next within drop_off.next_days: bought_online, bought_store, bought_other, visit, a contact such as email_click, or nothing; open while that time runs.
    case when is_next_known and is_soon then touches.channel end as next_channel,    -- Channel of the next touch; null when they bought or nothing came.
    case when is_next_known and is_soon then sessions.landing_page end as next_page,    -- First page of the next visit.
    case when is_next_known and is_soon then date_diff('second', stopped_at, next_at) / 86400.0 end as next_after_days,    -- Days until then.
    bought_at,                                             -- First purchase after it, UTC, whenever it came; of a funnel since it was entered.
    followed.order_id,                                     -- That order.
    sold_in,                                               -- Where: online (web, marketplace), store, or other (phone, sales desk, not known).
    followed.revenue,                                      -- Revenue of that order, net of refunds, in the reporting currency.
    drop_outcome(stopped_at, bought_at, sold_in, seen_for, 7) as outcome_7,    -- Bought within 7 days: online, store, other, or not; open while that time runs.
    drop_outcome(stopped_at, bought_at, sold_in, seen_for, 30) as outcome_30,    -- The same within 30 days.
    drop_outcome(stopped_at, bought_at, sold_in, seen_for, 90) as outcome_90    -- The same within 90 days.
from followed
left join core.touches as touches on touches.touch_id = followed.next_touch_id and not followed.next_is_purchase
left join core.sessions as sessions on sessions.session_id = touches.session_id
