-- One row per link that joins two identifiers into one person.
-- grain: node_id, other_node_id
with

links as (select * from identity.links),

shared as (select distinct kind, value from identity.shared_identifiers),

kept as (
    select links.*
    from links
    where not exists (select 1 from shared where shared.kind = links.kind and shared.value = links.value)
        and not exists (select 1 from shared where shared.kind = links.other_kind and shared.value = links.other_value)
)

select
    a.node_id,                                             -- Number of the stronger identifier in identity.nodes.
    b.node_id as other_node_id,                            -- Number of the other one.
    kept.evidence,                                         -- How the sources say that they belong together.
    kept.source_systems,                                   -- Systems that say so.
    kept.count_rows                                        -- Rows that say so.
from kept
join identity.nodes as a on a.kind = kept.kind and a.value = kept.value
join identity.nodes as b on b.kind = kept.other_kind and b.value = kept.other_value
