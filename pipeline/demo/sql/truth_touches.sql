-- One row per contact that can be part of a journey, recorded or not.
with

clicked as (
    -- The issue whose click led to a visit: what Mailchimp knows of visits that Google Analytics does not.
    select distinct visit from trails where message >= 0
),

found as (
    select
        person, make_timestamp(begun_us) as occurred_at, v.channel, 'visit' as kind, t.source, t.medium,
        coalesce(nullif(t.campaign, ''), case when v.channel = 'Email' then v.issue end) as campaign,
        case when v.has_ids then 'ga4' when clicked.visit is not null then 'mailchimp' when is_seen then 'ga4 without ids' end as recorded_by,
        case when has_ids then client_number || '.' || first_seen_at || '.' || started_at end as session_key,
        is_exposure
    from trails as v
    join tags as t using (tag)
    left join clicked using (visit)
    union all
    select
        v.person, make_timestamp(s.second_us), s.channel, 'second source', t.source, t.medium, t.campaign,
        case when v.has_ids then 'ga4' when v.is_seen then 'ga4 without ids' end,
        case when v.has_ids then v.client_number || '.' || v.first_seen_at || '.' || v.started_at end, true
    from second_sources as s
    join trails as v using (visit)
    join tags as t on t.tag = s.tag
    union all
    select m.person, utc(m.clicked_at), 'Email', 'email click', c.source, c.medium, c.utm_campaign, 'mailchimp', null, true
    from messages as m
    join campaigns as c using (campaign)
    where m.clicked_at > 0 and (m.is_offsite or not m.has_visit)
    union all
    select m.person, make_timestamp(m.at_ms * 1000), 'Email', 'email click', 'hs_email', 'email', m.subject, 'hubspot', null, false
    from mail as m
    join contacts as c using (person)
    where m.kind = 'CLICK' and m.is_machine = 0 and c.email is not null
    union all
    select d.person, utc(c.called_at), 'Sales', 'call', 'hubspot', 'sales', null, 'hubspot', null, true
    from calls as c
    join deals as d using (deal)
    where c.outcome = 'Connected'
)

select
    row_number() over (order by person, occurred_at, kind, channel) as touch_id,
    person + 1 as person_id,
    occurred_at,
    channel,
    kind,
    nullif(source, '') as source,
    nullif(medium, '') as medium,
    nullif(campaign, '') as campaign,
    recorded_by,
    session_key,
    is_exposure
from found
order by touch_id
