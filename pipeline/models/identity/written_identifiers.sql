-- One row per kind of identifier and value as sources write it: what it reads as, or why it joins nobody.
-- grain: kind, written
with

together as (select * from identity.seen_together),

people as (select * from validated.people),

written as (
    select 'client_id' as kind, client_id as written, first_seen_at from together
    union all
    select 'user_id', user_id, first_seen_at from together
    union all
    select 'email', email, first_seen_at from together
    union all
    select 'phone', phone, first_seen_at from together
    union all
    select 'loyalty_id', loyalty_id, first_seen_at from together
    union all
    select 'person_key', source_system || ' ' || person_key, first_seen_at from together where person_key <> ''
    union all
    select 'person_key', source_system || ' ' || person_key, created_at from people
    union all
    select 'person_key', source_system || ' ' || unnest(alias_keys), created_at from people
    union all
    select 'email', unnest(emails), created_at from people
    union all
    select 'phone', unnest(phones), created_at from people
    union all
    select 'user_id', unnest(user_ids), created_at from people
    union all
    select 'loyalty_id', unnest(loyalty_ids), created_at from people
    union all
    select 'client_id', unnest(client_ids), created_at from people
),

once as (
    select kind, written, min(first_seen_at) as first_seen_at
    from written
    where written <> ''
    group by kind, written
),

mailed as (
    select
        kind,
        written,
        split_part(address, '@', 1) as local_part,
        split_part(address, '@', 2) as domain
    from (
        select kind, written, lower(regexp_replace(trim(written), '^mailto:', '')) as address
        from once
        where kind = 'email'
    )
    where regexp_full_match(address, '[^@\s,;<>"]+@[^@\s,;<>"]+\.[a-z0-9-]{2,}')
),

addresses as (
    -- Only Gmail ignores dots and what follows a plus; elsewhere they make another mailbox.
    select
        kind,
        written,
        case
            when domain in ('gmail.com', 'googlemail.com')
                then replace(split_part(local_part, '+', 1), '.', '') || '@gmail.com'
            else local_part || '@' || domain
        end as value
    from mailed
),

read as (
    select kind, written, value from addresses
    union all
    select 'phone', written, value from identity.phone_numbers
    union all
    select kind, written, trim(written) from once where kind in ('user_id', 'loyalty_id', 'client_id', 'person_key')
),

compared as (
    select
        kind,
        written,
        value,
        case kind when 'person_key' then split_part(value, ' ', 2) else lower(value) end as whole,
        split_part(value, '@', 1) as local_part,
        split_part(value, '@', 2) as domain
    from read
),

blocked as (
    select compared.kind, compared.written, min(rules.rule) as rule
    from compared
    join config.identifier_rules as rules
        on rules.kind = compared.kind
        and rules.value = case rules.match
            when 'local_part' then compared.local_part
            when 'domain' then compared.domain
            else compared.whole
        end
    group by compared.kind, compared.written
)

select
    once.kind,                                             -- client_id, user_id, email, phone, loyalty_id or person_key.
    once.written,                                          -- The value as the source wrote it; person keys with their system before them.
    case when blocked.rule is null then read.value end as value,    -- The value in the one form it is compared in; null when it joins nobody.
    case
        when blocked.rule is not null then blocked.rule
        when read.value is null then 'not_readable'
    end as rule,                                           -- Why it joins nobody; null when it may.
    once.first_seen_at                                     -- Earliest row with it, UTC; null when no row has a time.
from once
left join read using (kind, written)
left join blocked using (kind, written)
