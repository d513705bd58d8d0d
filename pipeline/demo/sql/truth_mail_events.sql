-- One row per event of an e-mail: whose it was. A machine's event belongs to the person in whose place it acted.
select 'mailchimp' as system, 'open' as event_name, utc(opened_at) as occurred_at, cast(null as varchar) as client_id,
    cast(null as varchar) as session_key, email, is_machine, person + 1 as person_id
from opens
union all
select 'mailchimp', 'click', utc(clicked_at), null, null, email, is_machine, person + 1 from clicks
union all
select 'hubspot', m.kind, make_timestamp(m.at_ms * 1000), null, null, lower(c.email), m.is_machine = 1, m.person + 1
from mail as m join contacts as c using (person) where c.email is not null
order by all
