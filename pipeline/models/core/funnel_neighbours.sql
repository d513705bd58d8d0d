-- One row per strict funnel, entity and time at which it did anything: how much it had done by then, of whatever kind.
-- grain: funnel_index, entity_id, occurred_at
with

funnels as (
    select *, grace_seconds * interval 1 second as grace
    from config.funnels
    where mode = 'strict'
),

everything as (
    select
        funnels.funnel_index, funnels.grace, points.occurred_at,
        cast(case when count_unit = 'sessions' then points.session_id else points.customer_id end as ubigint) as entity_id
    from core.touchpoints as points
    cross join funnels
    where not points.is_machine and not points.is_test
        and not (funnels.uses_orders and points.interaction in ('purchase', 'store_purchase'))
    union all
    select funnels.funnel_index, funnels.grace, orders.counted_until_at, cast(orders.customer_id as ubigint)
    from core.orders as orders
    cross join funnels
    where funnels.uses_orders and orders.is_conversion
),

counted as (
    select
        *,
        count(*) over (in_time range between unbounded preceding and (grace + interval 1 microsecond) preceding) as before,
        count(*) over (in_time range between unbounded preceding and (grace) following) as upto
    from everything
    where entity_id is not null
    window in_time as (partition by funnel_index, entity_id order by occurred_at)
)

select
    funnel_index,                                          -- Funnel in config.funnels.
    entity_id,                                             -- Who is counted.
    occurred_at,                                           -- When, UTC.
    min(before) as count_before,                           -- Things done more than the grace before.
    max(upto) as count_upto                                -- Things done until the grace after.
from counted
group by funnel_index, entity_id, occurred_at
