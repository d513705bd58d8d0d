-- One row per set of identifiers that a source's rows carry together.
-- grain: source_system, shape, person_key, client_id, user_id, email, phone, loyalty_id, order_ref
with

in_events as (
    select
        source_system, 'events' as shape, person_key, client_id, user_id, email, phone, loyalty_id,
        cast(null as varchar) as order_ref,
        min(occurred_at) as first_seen_at, max(occurred_at) as last_seen_at, count(*) as count_rows
    from validated.events
    group by all
),

in_orders as (
    select
        source_system, 'orders' as shape, person_key, client_id, user_id, email, phone, loyalty_id, order_ref,
        min(ordered_at) as first_seen_at, max(ordered_at) as last_seen_at, count(*) as count_rows
    from validated.orders
    group by all
),

in_responses as (
    select
        source_system, 'responses' as shape, person_key, client_id, user_id, email, phone, loyalty_id,
        cast(null as varchar) as order_ref,
        min(answered_at) as first_seen_at, max(answered_at) as last_seen_at, count(*) as count_rows
    from validated.responses
    group by all
),

everywhere as (
    select * from in_events
    union all
    select * from in_orders
    union all
    select * from in_responses
)

select
    source_system,                                         -- System whose rows these are.
    shape,                                                 -- Contract the rows came through.
    coalesce(person_key, '') as person_key,                -- The source's key of the person; empty when absent, as below.
    coalesce(client_id, '') as client_id,                  -- Browser or device id as written.
    coalesce(user_id, '') as user_id,                      -- The business's own customer id as written.
    coalesce(email, '') as email,                          -- E-mail address as written.
    coalesce(phone, '') as phone,                          -- Phone number as written.
    coalesce(loyalty_id, '') as loyalty_id,                -- Loyalty card as written.
    coalesce(order_ref, '') as order_ref,                  -- Order number of the source.
    first_seen_at,                                         -- Earliest such row, UTC.
    last_seen_at,                                          -- Latest such row, UTC.
    count_rows                                             -- How many rows carry exactly this set.
from everywhere
