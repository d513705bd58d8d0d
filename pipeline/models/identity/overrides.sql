-- One row per line of data/raw/overrides/identity.csv, with the identifiers it means.
-- grain: line_number
with

known as (
    -- As a source writes it, or in the form it is compared in.
    select written.kind, written.written as spelling, nodes.node_id
    from identity.written_identifiers as written
    join identity.nodes as nodes on nodes.kind = written.kind and nodes.value = written.value
    union
    select kind, value, node_id from identity.nodes
),

found as (
    select
        given.line_number,
        min(one.node_id) as node_id,
        min(other.node_id) as other_node_id
    from identity.given_overrides as given
    left join known as one on one.kind = given.kind and lower(one.spelling) = lower(given.value)
    left join known as other on other.kind = given.other_kind and lower(other.spelling) = lower(given.other_value)
    group by given.line_number
)

select
    given.line_number,                                     -- Line of the file.
    given.action,                                          -- join or split.
    given.kind,                                            -- Kind of the one identifier.
    given.value,                                           -- The one, as the file gives it.
    given.other_kind,                                      -- Kind of the other.
    given.other_value,                                     -- The other.
    given.note,                                            -- Why, in the words of whoever wrote it.
    found.node_id,                                         -- The one in identity.nodes; null when no row has it, or it is blocked.
    found.other_node_id                                    -- The other in identity.nodes.
from identity.given_overrides as given
join found using (line_number)
