-- One row per link between identifiers that could join and are kept apart: by hand, by a conflict, or as a bridge.
-- grain: node_id, other_node_id
with

apart as (
    select node_id, other_node_id, 'split_by_hand, line ' || line_number as rule, 1 as place from identity.cut_links
    union all
    select node_id, other_node_id, 'conflict_of_strong_ids', 2 from identity.conflict_links
    union all
    select node_id, other_node_id, 'bridge', 3 from identity.bridges where is_refused
)

select
    node_id,                                               -- Number of the stronger identifier in identity.nodes.
    other_node_id,                                         -- Number of the other one.
    arg_min(rule, (place, rule)) as rule                   -- Rule that keeps them apart.
from apart
group by node_id, other_node_id
