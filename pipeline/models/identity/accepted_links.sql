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
),

placed as (
    select a.node_id, b.node_id as other_node_id, kept.evidence, kept.source_systems, kept.count_rows
    from kept
    join identity.nodes as a on a.kind = kept.kind and a.value = kept.value
    join identity.nodes as b on b.kind = kept.other_kind and b.value = kept.other_value
),

joined_by_hand as (
    select
        node_id, other_node_id,
        'joined in identity.csv, line ' || min(line_number) || coalesce(': ' || nullif(arg_min(note, line_number), ''), '') as evidence
    from identity.overrides
    where action = 'join' and node_id is not null and other_node_id is not null and node_id <> other_node_id
    group by node_id, other_node_id
),

every_link as (
    select node_id, other_node_id, evidence, source_systems, count_rows from placed
    union all
    select node_id, other_node_id, evidence, 'overrides', null
    from joined_by_hand
    anti join placed using (node_id, other_node_id)
)

select
    node_id,                                               -- Number of the one identifier in identity.nodes.
    other_node_id,                                         -- Number of the other one.
    evidence,                                              -- How the sources, or somebody in identity.csv, say that they belong together.
    source_systems,                                        -- Systems that say so.
    count_rows                                             -- Rows that say so; null when somebody did.
from every_link
