-- One row per identifier: the customer it belongs to. A customer keeps the number given when first seen.
-- grain: kind, value
with

nodes as (
    select nodes.node_id, nodes.kind, nodes.value, nodes.first_seen_at, components.component_id
    from identity.nodes as nodes
    join identity.components as components using (node_id)
),

earlier as (
    -- Numbers that nights before this one gave to the identifiers of a group.
    select nodes.component_id, registry.customer_id, min(nodes.node_id) as oldest_node_id
    from nodes
    join identity.registry as registry using (kind, value)
    group by nodes.component_id, registry.customer_id
),

won as (
    -- A number that several groups claim after a split stays with the group of its oldest identifier.
    select component_id, customer_id
    from earlier
    qualify row_number() over (partition by customer_id order by oldest_node_id) = 1
),

kept as (
    -- Groups that became one carry on under the smallest number.
    select component_id, min(customer_id) as customer_id
    from won
    group by component_id
),

fresh as (
    select component_id, row_number() over (order by component_id) as place
    from (select distinct component_id from nodes)
    where component_id not in (select component_id from kept)
),

numbered as (
    select component_id, customer_id from kept
    union all
    select component_id, place + coalesce((select max(customer_id) from identity.registry), 0) from fresh
)

select
    nodes.kind,                                            -- user_id, person_key, loyalty_id, email, phone, client_id or order.
    nodes.value,                                           -- The identifier in the one form it is compared in.
    numbered.customer_id,                                  -- Customer it belongs to.
    nodes.node_id,                                         -- Its number in identity.nodes.
    nodes.first_seen_at                                    -- Earliest row with it, UTC; null when no row has a time.
from nodes
join numbered using (component_id)
