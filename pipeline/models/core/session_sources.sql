-- One row per visit and source it ran under: a new campaign within a visit opens a new stretch; a silent referrer opens none.
-- grain: session_id, valid_from, valid_until
with

repaired as (select event_id, source, medium, campaign from core.click_ids where is_repaired),

tagged as (
    select
        coalesce(ruled.session_id, events.session_id) as session_id,
        events.source_system,
        coalesce(case when repaired.event_id is null then events.source else repaired.source end, '') as source,
        coalesce(case when repaired.event_id is null then events.medium else repaired.medium end, '') as medium,
        coalesce(case when repaired.event_id is null then events.campaign else repaired.campaign end, '') as campaign,
        coalesce(events.content, '') as content,
        events.occurred_at,
        events.event_id
    from validated.events as events
    left join core.rule_sessions as ruled on ruled.event_id = events.event_id
    left join repaired on repaired.event_id = events.event_id
    where (events.source is not null or events.medium is not null or events.campaign is not null
            or repaired.event_id is not null)
        and (events.session_id is not null or ruled.session_id is not null)
),

stretches as (
    select
        session_id, source_system, source, medium, campaign,
        min(occurred_at) as first_at, max(occurred_at) as last_at, min(event_id) as first_event_id,
        -- Time and a part of the id in one number: equal times are told apart the same way every night.
        arg_min(content, cast(epoch_us(occurred_at) as hugeint) * 4294967296 + hash(event_id) % 4294967296) as content
    from tagged
    group by session_id, source_system, source, medium, campaign
),

known as (
    select stretches.*, channels.silent_kind
    from stretches
    left join core.channels as channels using (source_system, source, medium, campaign)
),

ordered as (
    select
        *,
        row_number() over (partition by session_id order by first_at, first_event_id) as place,
        lead(first_at) over (partition by session_id order by first_at, first_event_id) as next_at
    from known
    where silent_kind is null
),

stretches_in_order as (
    select
        session_id,
        case when place = 1 then timestamp '0001-01-01' else first_at end as valid_from,
        coalesce(next_at, timestamp '9999-12-31') as valid_until,
        last_at, source_system, source, medium, campaign, content, silent_kind
    from ordered
    where next_at is null or next_at > first_at
    union all
    select
        session_id, min(first_at), min(first_at), max(last_at), arg_min(source_system, first_event_id),
        arg_min(source, first_event_id), arg_min(medium, first_event_id), arg_min(campaign, first_event_id),
        arg_min(content, first_event_id), arg_min(silent_kind, first_event_id)
    from known
    where silent_kind is not null
    group by session_id
)

select
    session_id,                                            -- The visit.
    valid_from,                                            -- From here on, UTC; the first stretch holds from the beginning.
    valid_until,                                           -- Until before here, UTC; a silent referrer holds for no time.
    last_at,                                               -- Last event that names the source, UTC.
    source_system,                                         -- System the visit was seen by.
    source,                                                -- Source of the stretch; empty when there is none.
    medium,                                                -- Medium of the stretch; empty when there is none.
    campaign,                                              -- Campaign of the stretch; empty when there is none.
    content,                                               -- Ad or link variant at its beginning; empty when there is none.
    silent_kind                                            -- Why the source is silent: own, payment, bank, login or webmail; null when it is not.
from stretches_in_order
