-- One row per kind and reason of what is kept and left out of journeys, visits and credit: machines, tests, staff.
-- grain: kind, reason
with

points as (
    select
        case
            when scanners.event_id is not null and points.machine_reason = scanners.reason then 'scanner'
            when points.is_machine then 'machine'
            else coalesce(internal.kind, 'test')
        end as kind,
        coalesce(case when points.is_machine then points.machine_reason else points.test_reason end, 'the source says so') as reason,
        points.session_id, points.customer_id
    from core.touchpoints as points
    left join core.machine_clicks as scanners on scanners.event_id = points.touchpoint_id
    left join core.internal_events as internal on internal.event_id = points.touchpoint_id
    where points.is_machine or points.is_test
),

counted as (
    select
        kind, reason, count(*) as count_events, count(distinct session_id) as visits, count(distinct customer_id) as people,
        0 as count_orders, cast(0 as decimal(18, 4)) as amount
    from points
    group by kind, reason
    union all
    select 'test', 'an order that its source calls a test', 0, 0, count(distinct customer_id), count(*), sum(gross)
    from core.orders
    where status = 'test'
    having count(*) > 0
)

select
    kind,                                                  -- machine: the source says so; scanner: a click on a message that a machine made; test: the source says so; staff; internal_host: a copy of the site.
    reason,                                                -- What speaks for it.
    count_events,                                          -- Events left out.
    visits,                                                -- Visits they belong to, which are left out whole.
    people,                                                -- People known to have made them.
    count_orders,                                          -- Orders left out.
    amount                                                 -- Their goods before discount, in the reporting currency.
from counted
