-- One row per event that the business itself made: its staff, or somebody on a copy of its site for testing.
-- grain: event_id
with

own_domains as (select value from config.identifier_rules where rule = 'own_address' and match = 'domain'),

addresses as (
    -- Few addresses of pages differ in their host; each is looked at once.
    select authority
    from (
        select distinct split_part(page_url, '/', 3) as authority
        from validated.events
        where session_id is not null or interaction in (select interaction from config.interactions where touch = 'visit')
    ) as pages
    join config.internal_hosts as hosts
        on regexp_full_match(regexp_extract(lower(authority), '^(?:[^@]*@)?([^:]*)', 1), hosts.host_regex)
    group by authority
),

found as (
    select event_id, 'staff' as kind, 'an address of the business itself' as reason
    from validated.events
    where email is not null and lower(split_part(trim(email), '@', 2)) in (select value from own_domains)
    union all
    select event_id, 'staff', 'a log-in of staff'
    from validated.events
    where user_id in (select user_id from config.staff_ids)
    union all
    select event_id, 'internal_host', 'a page on ' || addresses.authority
    from validated.events
    join addresses on addresses.authority = split_part(page_url, '/', 3)
    where session_id is not null or interaction in (select interaction from config.interactions where touch = 'visit')
)

select
    event_id,                                              -- The event.
    max(kind) as kind,                                     -- staff; internal_host: on a host of config.internal_hosts.
    max(reason) as reason                                  -- What speaks for it.
from found
group by event_id
