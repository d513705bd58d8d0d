-- One row per real order with a buyer: the customer that the system whose money stands leads to.
-- grain: order_id
select
    matches.order_id,                                      -- The real order.
    min(identifiers.customer_id) as customer_id            -- Customer who bought.
from core.order_matches as matches
join identity.identifiers as identifiers
    on identifiers.kind = 'order' and identifiers.value = 'of ' || matches.source_system || ' ' || matches.order_ref
join core.order_survivors as survivors
    on survivors.order_id = matches.order_id and survivors.source_system = matches.source_system
group by matches.order_id
