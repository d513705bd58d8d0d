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
    select
        a.node_id, b.node_id as other_node_id, kept.evidence, kept.source_systems, kept.count_rows, kept.first_seen_at,
        greatest(one.strength, other.strength) as strength,
        coalesce(contains(kept.evidence, 'carried by one person record'), false) as is_on_record
    from kept
    join identity.nodes as a on a.kind = kept.kind and a.value = kept.value
    join identity.nodes as b on b.kind = kept.other_kind and b.value = kept.other_value
    join config.identifier_strengths as one on one.kind = kept.kind
    join config.identifier_strengths as other on other.kind = kept.other_kind
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
    select node_id, other_node_id, evidence, source_systems, count_rows, first_seen_at, strength, is_on_record from placed
    anti join joined_by_hand using (node_id, other_node_id)
    union all
    select joined_by_hand.node_id, joined_by_hand.other_node_id,
        concat_ws('; ', placed.evidence, joined_by_hand.evidence), concat_ws(', ', placed.source_systems, 'overrides'),
        placed.count_rows, placed.first_seen_at, 0, coalesce(placed.is_on_record, false)
    from joined_by_hand
    left join placed using (node_id, other_node_id)
)

select
    node_id,                                               -- Number of the one identifier in identity.nodes.
    other_node_id,                                         -- Number of the other one.
    evidence,                                              -- How the sources, or somebody in identity.csv, say that they belong together.
    source_systems,                                        -- Systems that say so.
    count_rows,                                            -- Rows that say so; null when only somebody did.
    first_seen_at,                                         -- Earliest row that says so, UTC; null when none has a time.
    strength,                                              -- 0 by hand, then the larger number of its two kinds in config.identifier_strengths: the smaller, the stronger.
    is_on_record                                           -- A record of one person carries both.
from every_link
