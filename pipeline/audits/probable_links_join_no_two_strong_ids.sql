-- No person holds two user ids, or two of another kind of which a person has one, that only probable links join.
-- level: block
select components.component_id, nodes.kind, count(distinct certain.group_id) as count_groups
from identity.nodes as nodes
join identity.certain_groups as certain using (node_id)
join identity.components as components using (node_id)
join config.identifier_strengths as strengths on strengths.kind = nodes.kind and strengths.is_strong
group by components.component_id, nodes.kind
having count(distinct certain.group_id) > 1
