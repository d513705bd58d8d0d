-- One row per event of a visit whose source has no sessions of its own: the visit it falls into by the idle rule.
-- grain: event_id
with

settings as (select * from config.settings),

visits as (
    select
        events.event_id,
        events.source_system,
        coalesce(events.client_id, events.user_id, events.person_key, events.email, events.phone) as visitor,
        events.occurred_at,
        events.interaction = 'purchase' as is_purchase
    from validated.events as events
    join config.interactions as interactions on interactions.interaction = events.interaction
    where events.session_id is null and interactions.touch = 'visit'
),

known as (select * from visits where visitor is not null),

gaps as (
    select
        *,
        lag(occurred_at) over (partition by source_system, visitor order by occurred_at, event_id) as previous_at
    from known
),

starts as (
    select
        gaps.*,
        max(case
            when previous_at is null
                or occurred_at > previous_at + settings.session_timeout_minutes * interval 1 minute
                then occurred_at
        end) over (
            partition by source_system, visitor order by occurred_at, event_id
            rows between unbounded preceding and current row
        ) as started_at
    from gaps
    cross join settings
),

counted as (
    -- A till reports the purchase of a web shop and nothing before it: that is no visit.
    select *, bool_and(is_purchase) over (partition by source_system, visitor, started_at) as is_only_bought
    from starts
)

select
    event_id,                                              -- The event.
    hash(source_system, visitor, started_at) as session_id    -- Visit it belongs to.
from counted
where not is_only_bought
