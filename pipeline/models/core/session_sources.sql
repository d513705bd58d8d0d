-- One row per visit and source it ran under: a new campaign within a visit opens a new stretch.
-- grain: session_id, valid_from
with

tagged as (
    select
        coalesce(events.session_id, ruled.session_id) as session_id,
        events.source_system,
        coalesce(events.source, '') as source,
        coalesce(events.medium, '') as medium,
        coalesce(events.campaign, '') as campaign,
        events.occurred_at,
        events.event_id
    from validated.events as events
    left join core.rule_sessions as ruled on ruled.event_id = events.event_id
    where (events.source is not null or events.medium is not null or events.campaign is not null)
        and (events.session_id is not null or ruled.session_id is not null)
),

stretches as (
    select
        session_id, source_system, source, medium, campaign,
        min(occurred_at) as first_at, min(event_id) as first_event_id
    from tagged
    group by session_id, source_system, source, medium, campaign
),

ordered as (
    select
        *,
        row_number() over (partition by session_id order by first_at, first_event_id) as place,
        lead(first_at) over (partition by session_id order by first_at, first_event_id) as next_at
    from stretches
)

select
    session_id,                                            -- The visit.
    case when place = 1 then timestamp '0001-01-01' else first_at end as valid_from,    -- From here on, UTC; the first stretch holds from the beginning.
    coalesce(next_at, timestamp '9999-12-31') as valid_until,    -- Until before here, UTC.
    source_system,                                         -- System the visit was seen by.
    source,                                                -- Source of the stretch; empty when there is none.
    medium,                                                -- Medium of the stretch; empty when there is none.
    campaign                                               -- Campaign of the stretch; empty when there is none.
from ordered
where next_at is null or next_at > first_at
