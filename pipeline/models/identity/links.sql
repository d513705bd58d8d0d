-- One row per pair of identifiers that some row carries together.
-- grain: kind, value, other_kind, other_value
with

together as (select * from identity.seen_together),

readable as (select * from identity.written_identifiers where value is not null),

orders as (select * from validated.orders),

sets as (
    select
        together.source_system,
        together.shape,
        person.value as person_key,
        users.value as user_id,
        cards.value as loyalty_id,
        mails.value as email,
        phones.value as phone,
        clients.value as client_id,
        case when order_ref <> '' then 'of ' || together.source_system || ' ' || order_ref end as order_key,
        together.first_seen_at,
        together.last_seen_at,
        together.count_rows
    from together
    left join readable as person
        on person.kind = 'person_key' and person.written = together.source_system || ' ' || together.person_key
    left join readable as users on users.kind = 'user_id' and users.written = together.user_id
    left join readable as cards on cards.kind = 'loyalty_id' and cards.written = together.loyalty_id
    left join readable as mails on mails.kind = 'email' and mails.written = together.email
    left join readable as phones on phones.kind = 'phone' and phones.written = together.phone
    left join readable as clients on clients.kind = 'client_id' and clients.written = together.client_id
),

members as (
    -- Each set as a list, the strongest identifier first; every other one is linked to it.
    select
        source_system,
        shape,
        first_seen_at,
        last_seen_at,
        count_rows,
        list_filter([
            {'kind': 'user_id', 'value': user_id},
            {'kind': 'person_key', 'value': person_key},
            {'kind': 'loyalty_id', 'value': loyalty_id},
            {'kind': 'email', 'value': email},
            {'kind': 'phone', 'value': phone},
            {'kind': 'client_id', 'value': client_id},
            {'kind': 'order', 'value': order_key}
        ], lambda member: member.value is not null) as found
    from sets
),

in_rows as (
    select
        found[1] as strongest,
        unnest(found[2:]) as other,
        source_system, first_seen_at, last_seen_at, count_rows, 'carried by one row of ' || shape as evidence
    from members
),

in_people as (
    select
        {'kind': 'person_key', 'value': source_system || ' ' || person_key} as strongest,
        unnest(list_concat(
            list_transform(coalesce(alias_keys, []), lambda v: {'kind': 'person_key', 'written': source_system || ' ' || v}),
            list_transform(coalesce(emails, []), lambda v: {'kind': 'email', 'written': v}),
            list_transform(coalesce(phones, []), lambda v: {'kind': 'phone', 'written': v}),
            list_transform(coalesce(user_ids, []), lambda v: {'kind': 'user_id', 'written': v}),
            list_transform(coalesce(loyalty_ids, []), lambda v: {'kind': 'loyalty_id', 'written': v}),
            list_transform(coalesce(client_ids, []), lambda v: {'kind': 'client_id', 'written': v})
        )) as other,
        source_system, created_at
    from validated.people
),

in_orders as (
    -- Numbers that one order goes by are one order, and so one buyer.
    select
        {'kind': 'order', 'value': 'of ' || source_system || ' ' || order_ref} as strongest,
        unnest(alt_order_refs) as number,
        source_system, ordered_at
    from orders
),

everywhere as (
    select strongest, other, source_system, first_seen_at, last_seen_at, count_rows, evidence from in_rows
    union all
    select
        strongest, {'kind': readable.kind, 'value': readable.value}, source_system, created_at, created_at, 1,
        'carried by one person record'
    from in_people
    join readable on readable.kind = in_people.other.kind and readable.written = in_people.other.written
    union all
    select
        strongest, {'kind': 'order', 'value': upper(regexp_replace(number, '[#\s]', '', 'g'))},
        source_system, ordered_at, ordered_at, 1, 'numbers of one order'
    from in_orders
)

select
    strongest.kind as kind,                                -- Kind of the stronger identifier.
    strongest.value as value,                              -- Its value.
    other.kind as other_kind,                              -- Kind of the identifier linked to it.
    other.value as other_value,                            -- Its value.
    string_agg(distinct source_system, ', ' order by source_system) as source_systems,    -- Systems that say so.
    string_agg(distinct evidence, '; ' order by evidence) as evidence,    -- How they say so.
    min(first_seen_at) as first_seen_at,                   -- Earliest row that says so, UTC.
    max(last_seen_at) as last_seen_at,                     -- Latest row that says so, UTC.
    cast(sum(count_rows) as bigint) as count_rows          -- Rows that say so.
from everywhere
where strongest.kind <> other.kind or strongest.value <> other.value
group by strongest.kind, strongest.value, other.kind, other.value
