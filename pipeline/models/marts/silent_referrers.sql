-- One row per referrer that is part of a visit and never what brought it: own hosts, payment pages, log-ins, webmail.
-- grain: silent_kind, source
with

seen as (select session_id, source, silent_kind from core.session_sources where silent_kind is not null),

touched as (select distinct session_id from core.touches where session_id is not null)

select
    seen.silent_kind,                                      -- own, payment, bank, login or webmail.
    seen.source,                                           -- The referrer as exported.
    count(*) as visits,                                    -- Visits that came back from it.
    count(*) filter (where sessions.silent_kind is null) as visits_led_by_another,    -- Of these, visits with a source of their own, which holds.
    count(*) filter (where sessions.silent_kind is not null and touched.session_id is null) as visits_continued,    -- Of these, visits that are part of another one, or of nobody known, and so no touch.
    count(*) filter (where sessions.silent_kind is not null and touched.session_id is not null) as visits_direct    -- Of these, visits that nothing else led to; they count as Direct.
from seen
join core.sessions as sessions using (session_id)
left join touched using (session_id)
group by seen.silent_kind, seen.source
