-- One row per identifier that can stand for a person or a part of one.
-- grain: node_id
with

readable as (
    select kind, value, min(first_seen_at) as first_seen_at
    from identity.written_identifiers
    where value is not null
    group by kind, value
),

linked as (
    select kind, value, min(first_seen_at) as first_seen_at from identity.links where kind = 'order' group by kind, value
    union all
    select other_kind, other_value, min(first_seen_at) from identity.links where other_kind = 'order' group by all
    union all
    select 'order', 'of ' || source_system || ' ' || order_ref, min(ordered_at) from validated.orders group by all
),

everything as (
    select kind, value, min(first_seen_at) as first_seen_at
    from (select * from readable union all select * from linked)
    group by kind, value
)

select
    row_number() over (order by first_seen_at nulls last, kind, value) as node_id,    -- Number of the identifier tonight, oldest first.
    kind,                                                  -- user_id, person_key, loyalty_id, email, phone, client_id or order.
    value,                                                 -- The identifier in the one form it is compared in.
    first_seen_at                                          -- Earliest row with it, UTC; null when no row has a time.
from everything
