-- One row per touch of a customer who has bought, or who loosely read is one who has: whose it is by other readings.
-- grain: touch_id
with

persons as (
    select
        identifiers.customer_id,
        min(readings.component_id) as component_id,
        min(readings.loose_id) as loose_id,
        min(readings.strict_id) as strict_id,
        count(distinct readings.strict_id) as count_strict
    from identity.identifiers as identifiers
    join identity.readings as readings using (node_id)
    group by identifiers.customer_id
),

touched as (
    select touches.touch_id, touches.session_id, touches.touchpoint_id, persons.*
    from core.touches as touches
    join persons using (customer_id)
    where persons.loose_id in (select loose_id from core.order_readings)
),

parted as (select * from touched where count_strict > 1),

named as (
    -- The event that names a visit's customer is its first one that names any, as in core.sessions.
    select
        points.session_id,
        arg_min(
            points.touchpoint_id,
            cast(epoch_us(points.occurred_at) as hugeint) * 4294967296 + hash(points.touchpoint_id) % 4294967296
        ) as touchpoint_id
    from core.touchpoints as points
    semi join parted using (session_id)
    where points.customer_id is not null
    group by points.session_id
),

by_event as (
    select parted.touch_id, coalesce(parted.touchpoint_id, named.touchpoint_id) as event_id
    from parted
    left join named using (session_id)
),

keys as (select kind, written, node_id from identity.keys),

nodes as (
    select
        by_event.touch_id,
        coalesce(users.node_id, people.node_id, cards.node_id, mails.node_id, phones.node_id, clients.node_id) as node_id
    from by_event
    join validated.events as events using (event_id)
    left join keys as users on users.kind = 'user_id' and users.written = events.user_id
    left join keys as people
        on people.kind = 'person_key' and people.written = events.source_system || ' ' || events.person_key
    left join keys as cards on cards.kind = 'loyalty_id' and cards.written = events.loyalty_id
    left join keys as mails on mails.kind = 'email' and mails.written = events.email
    left join keys as phones on phones.kind = 'phone' and phones.written = events.phone
    left join keys as clients on clients.kind = 'client_id' and clients.written = events.client_id
),

strict as (
    select nodes.touch_id, readings.strict_id
    from nodes
    join identity.readings as readings using (node_id)
)

select
    touched.touch_id,                                      -- The touch in core.touches.
    touched.component_id,                                  -- Whose it is: their oldest identifier.
    coalesce(strict.strict_id, touched.strict_id) as strict_id,    -- The same when links are followed strictly; see identity.readings.
    touched.loose_id                                       -- The same when they are followed loosely.
from touched
left join strict using (touch_id)
