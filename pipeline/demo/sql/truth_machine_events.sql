-- One row per opening and click that no person made.
select 'mailchimp' as system, 'open' as event_name, c.title as campaign, o.email, utc(o.opened_at) as occurred_at, o.person + 1 as person_id,
    'fetched by the mail program or a scanner' as reason
from opens as o join campaigns as c using (campaign) where o.is_machine
union all
select 'mailchimp', 'click', c.title, k.email, utc(k.clicked_at), k.person + 1, 'scanner follows every link'
from clicks as k join campaigns as c using (campaign) where k.is_machine
union all
select 'hubspot', m.kind, m.subject, lower(c.email), make_timestamp(m.at_ms * 1000), m.person + 1, 'scanner'
from mail as m join contacts as c using (person) where m.is_machine = 1 and c.email is not null
order by all
