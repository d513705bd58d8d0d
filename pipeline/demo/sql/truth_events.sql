-- One row per event that Google Analytics recorded: whose it was.
select
    'ga4' as system,
    s.event as event_name,
    make_timestamp(e.event_us) as occurred_at,
    case when v.has_ids then v.client_number || '.' || v.first_seen_at end as client_id,
    case when v.has_ids then v.client_number || '.' || v.first_seen_at || '.' || v.started_at end as session_key,
    cast(null as varchar) as email,
    false as is_machine,
    v.person + 1 as person_id
from chunk_events as e
join chunk_visits as v using (visit)
join steps as s using (step)
order by e.event_us, e.visit, e.step
