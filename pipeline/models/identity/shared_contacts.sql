-- One row per customer and contact that they share with others and that does not say who somebody is.
-- grain: customer_id, kind, contact
with

refused as (
    -- The two ends of a link that is not followed: somebody, and what somebody else has too.
    select node_id, other_node_id from identity.unfollowed_links
),

shared as (
    select distinct nodes.node_id
    from identity.shared_identifiers
    join identity.nodes as nodes using (kind, value)
),

placed as (
    select a.node_id, b.node_id as other_node_id
    from identity.refused_links as links
    join identity.nodes as a on a.kind = links.kind and a.value = links.value
    join identity.nodes as b on b.kind = links.other_kind and b.value = links.other_value
),

ties as (
    select other_node_id as contact_id, node_id from refused
    union
    select other_node_id, other_node_id from refused
    union
    select node_id, other_node_id from placed where node_id in (select node_id from shared)
        and other_node_id not in (select node_id from shared)
    union
    select other_node_id, node_id from placed where other_node_id in (select node_id from shared)
        and node_id not in (select node_id from shared)
),

homes as (
    select
        keys.customer_id,
        lower(regexp_replace(people.street, '[^\p{L}\p{N}]', '', 'g')) || ', '
            || lower(regexp_replace(people.postcode, '[^\p{L}\p{N}]', '', 'g')) as contact
    from validated.people as people
    join identity.keys as keys
        on keys.kind = 'person_key' and keys.written = people.source_system || ' ' || people.person_key
    where trim(people.street) <> '' and trim(people.postcode) <> ''
),

together as (
    select distinct
        identifiers.customer_id,
        case nodes.kind when 'client_id' then 'device' when 'loyalty_id' then 'card' else nodes.kind end as kind,
        nodes.value as contact
    from ties
    join identity.nodes as nodes on nodes.node_id = ties.contact_id
    join identity.identifiers as identifiers on identifiers.node_id = ties.node_id
    where nodes.kind in ('email', 'phone', 'client_id', 'loyalty_id')
    union
    select distinct customer_id, 'address', contact from homes
),

counted as (select *, count(*) over (partition by kind, contact) as count_customers from together)

select
    customer_id,                                           -- Customer.
    kind,                                                  -- email, phone, device, card or address.
    contact,                                               -- What is shared.
    count_customers                                        -- Customers who share it.
from counted
where count_customers > 1
