-- One row per kind and value as sources write it: the customer it leads to.
-- grain: kind, written
select
    written.kind,                                          -- client_id, user_id, email, phone, loyalty_id or person_key.
    written.written,                                       -- The value as the source wrote it; person keys with their system before them.
    identifiers.customer_id,                               -- Customer the value leads to.
    identifiers.node_id                                    -- Number of the identifier in identity.nodes.
from identity.written_identifiers as written
join identity.identifiers as identifiers
    on identifiers.kind = written.kind and identifiers.value = written.value
