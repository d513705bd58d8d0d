-- One row per attempt to buy: touches of a customer without a long pause, up to a purchase or to where they stopped.
-- Nothing in a row depends on what happens later than a pause after its last touch, so a decided attempt never changes.
-- grain: attempt_id
with

settings as (select * from config.settings),

begun as (
    -- A cycle begins after a purchase and after the silence that ends a journey.
    select
        timeline.*,
        drop_pause_hours * interval 1 hour as pause,
        coalesce(lag(is_purchase) over in_order, true) as is_after_purchase,
        occurred_at - lag(occurred_at) over in_order as silence,
        is_after_purchase or silence > pause as begins,
        is_after_purchase or silence > timeline.idle_days * interval 1 day as begins_cycle
    from core.timeline as timeline
    cross join settings
    window in_order as (partition by customer_id order by place)
),

numbered as (
    select
        *,
        sum(begins::integer) over in_order as attempt_index,
        sum((begins_cycle and not is_purchase)::integer) over in_order as cycle_index
    from begun
    window in_order as (partition by customer_id order by place rows between unbounded preceding and current row)
),

grouped as (
    select
        customer_id,
        attempt_index,
        max(cycle_index) as cycle_index,
        min(occurred_at) as started_at,
        max(occurred_at) filter (where not is_purchase) as last_touch_at,
        max(place) as last_place,
        max(pause) as pause,
        max(order_id) as order_id,
        max(occurred_at) filter (where is_purchase) as bought_at,
        count(*) filter (where not is_purchase) as count_touches,
        arg_min(touch_id, place) filter (where not is_purchase) as first_touch_id,
        arg_max(touch_id, place) filter (where not is_purchase) as last_touch_id
    from numbered
    group by customer_id, attempt_index
    having count_touches > 0
),

shown as (
    -- The same stage within one visit is shown once.
    select customer_id, stage_index, occurred_at
    from (
        select customer_id, stage, min(occurred_at) as occurred_at
        from core.touchpoints
        where stage is not null and customer_id is not null and not is_machine and not is_test
        group by customer_id, session_id, stage, case when session_id is null then occurred_at end
    )
    join config.stages using (stage)
    where stage not in ('purchase', 'retention')
),

furthest as (
    select grouped.customer_id, grouped.attempt_index, max(shown.stage_index) as stage_index, max(shown.occurred_at) as shown_at
    from shown
    asof join grouped on shown.customer_id = grouped.customer_id and shown.occurred_at >= grouped.started_at
    where shown.occurred_at <= grouped.last_touch_at + grouped.pause
    group by grouped.customer_id, grouped.attempt_index
),

reached as (
    select
        grouped.*,
        purchase.stage_index as purchase_index,
        case when order_id is not null then purchase.stage_index else coalesce(furthest.stage_index, 0) end as reached_index,
        furthest.shown_at
    from grouped
    cross join (select stage_index from config.stages where stage = 'purchase') as purchase
    left join furthest using (customer_id, attempt_index)
)

select
    reached.customer_id * 1000000 + attempt_index as attempt_id,    -- Attempt: the customer's number and its place among theirs.
    reached.customer_id,                                   -- Customer.
    cycle_index,                                           -- Its cycle: 1 up to the first purchase or long silence, and so on.
    reached.started_at,                                    -- First touch, UTC.
    coalesce(bought_at, greatest(
        last_touch_at, shown_at, least(coalesce(last_visit.ended_at, last_touch_at), last_touch_at + pause))) as ended_at,    -- Purchase, or the last thing seen, UTC.
    last_touch_at + pause < settings.as_of as is_decided,    -- The pause after its last touch is over, so it cannot go on.
    order_id,                                              -- Order it ended in; null when the customer stopped.
    last_place,                                            -- Place of its end in core.timeline.
    count_touches,                                         -- Touches in it.
    cast(reached_index as integer) as reached_index,       -- Place of the furthest stage it showed in config.stages; 0 without evidence of any.
    cast(coalesce(max(reached_index) over (
        partition by reached.customer_id, cycle_index order by attempt_index
        rows between unbounded preceding and 1 preceding), -1) as integer) as earlier_index,    -- The same of earlier attempts in the cycle; -1 when there is none.
    first_touch.channel as first_channel,                  -- Channel of its first touch.
    coalesce(first_visit.landing_page, '(no page)') as landing_page,    -- First page of that visit.
    coalesce(first_visit.device_category, '(not known)') as device_category,    -- Device of that visit.
    coalesce(first_visit.country, '(not known)') as country,    -- Country of that visit, as the source wrote it.
    last_touch.channel as last_channel,                    -- Channel of its last touch.
    coalesce(last_visit.exit_page, '(no page)') as last_page,    -- Last page of that visit.
    coalesce(last_touch.interaction, 'other') as last_interaction    -- Last thing done in it.
from reached
cross join settings
join core.touches as first_touch on first_touch.touch_id = reached.first_touch_id
join core.touches as last_touch on last_touch.touch_id = reached.last_touch_id
left join core.sessions as first_visit on first_visit.session_id = first_touch.session_id
left join core.sessions as last_visit on last_visit.session_id = last_touch.session_id
