-- One row per figure of an interface report that the person-level export can be counted for: both, and the difference.
-- grain: platform, object_kind, metric, starts_on, ends_on
with

settings as (select * from config.settings),

reported as (
    -- One table of the report; the same figure split by a second dimension would count it again.
    select
        platform, object_kind, metric, starts_on, ends_on, sum(value) as value,
        case
            when lower(metric) = 'sessions' then 'sessions'
            when lower(metric) in ('users', 'total users', 'active users') then 'users'
            when lower(metric) in ('ecommerce purchases', 'purchases', 'transactions') then 'purchases'
            when lower(metric) in ('total revenue', 'purchase revenue') then 'revenue'
        end as measure
    from core.engagement
    where not is_lifetime and breakdown = 'none' and starts_on is not null and ends_on is not null
    group by all
),

compared as (select * from reported where measure is not null),

periods as (
    -- The days of a report are the business's own, as far as anybody can tell.
    select
        platform, starts_on, ends_on,
        timezone('UTC', timezone(settings.reporting_zone, cast(starts_on as timestamp))) as begins_at,
        timezone('UTC', timezone(settings.reporting_zone, cast(ends_on as timestamp) + interval 1 day)) as ends_at
    from (select distinct platform, starts_on, ends_on from compared)
    cross join settings
    where platform in (select source_system from core.sessions) or platform in (select source_system from core.source_orders)
),

sold as (
    select platform, starts_on, ends_on, orders.gross
    from periods
    join core.source_orders as orders
        on orders.source_system = platform and orders.ordered_at >= begins_at and orders.ordered_at < ends_at
    where orders.status not in ('open', 'lost', 'test')
),

exported as (
    select platform, starts_on, ends_on, 'sessions' as measure, count(*) as value
    from periods
    join core.sessions as sessions
        on sessions.source_system = platform and sessions.started_at >= begins_at and sessions.started_at < ends_at
    group by all
    union all
    select platform, starts_on, ends_on, 'users', count(distinct events.client_id)
    from periods
    join validated.events as events
        on events.source_system = platform and events.occurred_at >= begins_at and events.occurred_at < ends_at
    where (platform, starts_on, ends_on) in (select (platform, starts_on, ends_on) from compared where measure = 'users')
    group by all
    union all
    select platform, starts_on, ends_on, 'purchases', count(*) from sold group by all
    union all
    select platform, starts_on, ends_on, 'revenue', sum(gross) from sold group by all
)

select
    compared.platform,                                     -- Platform whose interface says so.
    compared.object_kind,                                  -- What the report lists: channel group, source, page, …
    compared.metric,                                       -- The figure as the report names it.
    compared.starts_on,                                    -- First day of the report.
    compared.ends_on,                                      -- Last day of the report.
    compared.measure,                                      -- sessions, users, purchases or revenue.
    compared.value as reported,                            -- The interface's figure, summed over the rows of the report.
    cast(coalesce(exported.value, 0) as double) as exported,    -- The same counted from the rows that the same platform exported.
    compared.value - cast(coalesce(exported.value, 0) as double) as modelled_or_untracked    -- What the interface shows and no row stands for: modelled, thresholded or never tracked. It is in no path and in no total.
from compared
join periods using (platform, starts_on, ends_on)
left join exported using (platform, starts_on, ends_on, measure)
