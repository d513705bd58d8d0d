-- One row per time in which a shared device is taken to be in one person's hands: around each use under a name.
-- grain: client_id, valid_from
with

settings as (select * from config.settings),

shared as (
    select written.written as client_id, written.value as device
    from identity.written_identifiers as written
    semi join identity.shared_identifiers as shared on shared.kind = written.kind and shared.value = written.value
    where written.kind = 'client_id'
),

happened as (
    select
        shared.device, events.source_system, events.user_id, events.person_key, events.loyalty_id, events.email,
        events.phone, events.occurred_at as used_at
    from validated.events as events
    join shared on shared.client_id = events.client_id
    union all
    select
        shared.device, orders.source_system, orders.user_id, orders.person_key, orders.loyalty_id, orders.email,
        orders.phone, orders.ordered_at
    from validated.orders as orders
    join shared on shared.client_id = orders.client_id
),

keys as (select * from identity.keys),

named as (
    -- Two people at the very same time: the one who has been known longer.
    select
        happened.device,
        epoch_us(happened.used_at) as used_at,
        min(coalesce(
            users.customer_id, people.customer_id, cards.customer_id, mails.customer_id, phones.customer_id
        )) as known_id
    from happened
    left join keys as users on users.kind = 'user_id' and users.written = happened.user_id
    left join keys as people
        on people.kind = 'person_key' and people.written = happened.source_system || ' ' || happened.person_key
    left join keys as cards on cards.kind = 'loyalty_id' and cards.written = happened.loyalty_id
    left join keys as mails on mails.kind = 'email' and mails.written = happened.email
    left join keys as phones on phones.kind = 'phone' and phones.written = happened.phone
    group by happened.device, happened.used_at
    having known_id is not null
),

around as (
    -- From half-way after the use before to half-way before the next one; just half-way belongs to the earlier.
    select
        named.device,
        named.used_at,
        named.known_id as customer_id,
        greatest(
            used_at - device_split_hours * 3600000000,
            (lag(used_at) over in_time + used_at) // 2 + 1
        ) as valid_from,
        least(
            used_at + device_split_hours * 3600000000,
            (used_at + lead(used_at) over in_time) // 2
        ) + 1 as valid_until
    from named
    cross join settings
    where device_split_hours > 0
    window in_time as (partition by device order by used_at)
),

changes as (
    select
        *,
        coalesce(
            lag(customer_id) over in_time <> customer_id or lag(valid_until) over in_time < valid_from, true
        ) as begins
    from around
    window in_time as (partition by device order by used_at)
),

numbered as (
    select *, count(*) filter (where begins) over (partition by device order by used_at) as place
    from changes
),

periods as (
    select
        device, place, min(customer_id) as customer_id, min(valid_from) as valid_from, max(valid_until) as valid_until,
        count(*) as count_uses
    from numbered
    group by device, place
)

select
    shared.client_id,                                      -- The device as a source writes it.
    make_timestamp(periods.valid_from) as valid_from,      -- From here on, UTC.
    make_timestamp(periods.valid_until) as valid_until,    -- Until before here, UTC.
    periods.customer_id,                                   -- Whose what is done without a name is.
    periods.count_uses                                     -- Moments of use under that person's name.
from periods
join shared using (device)
