-- One row per purchase whose buyer is known: who bought if links were followed more strictly, or more loosely.
-- grain: order_id
with

placed as (
    select
        matches.order_id,
        arg_min(identifiers.node_id, (identifiers.customer_id, identifiers.node_id)) as node_id
    from core.order_matches as matches
    join core.order_survivors as survivors using (order_id, source_system)
    join identity.identifiers as identifiers
        on identifiers.kind = 'order' and identifiers.value = 'of ' || matches.source_system || ' ' || matches.order_ref
    group by matches.order_id
)

select
    orders.order_id,                                       -- The order.
    orders.customer_id,                                    -- Customer who bought.
    readings.component_id,                                 -- The buyer's oldest identifier.
    readings.strict_id,                                    -- The same when links are followed strictly; see identity.readings.
    readings.loose_id                                      -- The same when they are followed loosely.
from core.orders as orders
join placed using (order_id)
join identity.readings as readings using (node_id)
where orders.is_conversion and orders.customer_id is not null
