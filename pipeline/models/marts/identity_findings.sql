-- One row per customer, bridge or shared identifier that is worth a look: the largest of each kind, without names.
-- grain: finding, place
with

sizes as (
    select
        customer_id,
        count(*) filter (where kind <> 'order') as count_identifiers,
        count(*) filter (where kind in ('user_id', 'loyalty_id')) as count_strong,
        count(*) filter (where kind = 'order') as count_orders
    from identity.identifiers
    group by customer_id
),

shared as (
    select kind, value, arg_max(joins_kind, (count_joined, joins_kind)) as joins_kind, max(count_joined) as count_joined, min(rule) as rule
    from identity.shared_identifiers
    group by kind, value
),

found as (
    select
        'largest_customer' as finding, cast(null as varchar) as kind, cast(null as varchar) as joins_kind, customer_id,
        cast(null as bigint) as other_customer_id, count_identifiers, cast(null as bigint) as other_count,
        count_strong > 1 as is_doubtful, customer_id as tie
    from sizes
    where count_identifiers > 1
    union all
    select
        'bridge', weak.kind, null, one.customer_id, weak.customer_id, bridges.count_identifiers,
        bridges.other_count_identifiers, not bridges.is_refused, bridges.node_id
    from identity.bridges as bridges
    join identity.identifiers as one on one.node_id = bridges.node_id
    join identity.identifiers as weak on weak.node_id = bridges.other_node_id
    union all
    select
        'shared_identifier', shared.kind, shared.joins_kind, identifiers.customer_id, null, shared.count_joined,
        (select sum(count_uses) from identity.device_periods as periods
            join identity.written_identifiers as written
                on written.kind = 'client_id' and written.written = periods.client_id
            where written.value = shared.value and shared.kind = 'client_id'),
        false, identifiers.node_id
    from shared
    join identity.identifiers as identifiers using (kind, value)
),

ranked as (
    select *, row_number() over (partition by finding order by count_identifiers desc, tie) as place
    from found
)

select
    finding,                                               -- largest_customer, bridge or shared_identifier.
    place,                                                 -- 1 is the largest.
    kind,                                                  -- Kind of the shared identifier, or of the one a bridge rests on.
    joins_kind,                                            -- Of a shared identifier: the kind it joins most of.
    customer_id,                                           -- Number of the customer; of a shared identifier the one that holds it and nobody else's.
    other_customer_id,                                     -- Of a bridge: the customer at its other end; the same where it is followed.
    count_identifiers,                                     -- Identifiers of the customer, of the one side of a bridge, or that a shared one joins.
    other_count,                                           -- Of a bridge: identifiers of the other side; of a shared device: moments of use under a name.
    is_doubtful                                            -- Two accounts or cards on one record, or a bridge that is followed.
from ranked
where place <= 25
