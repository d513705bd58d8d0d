-- Nobody has two accounts or two loyalty cards, unless one person record or a line of identity.csv holds both.
select components.component_id, nodes.kind, count(*) as count_held
from identity.components as components
join identity.nodes as nodes using (node_id)
join config.identifier_strengths as strengths on strengths.kind = nodes.kind and strengths.is_strong
left join (
    select links.other_node_id as node_id, bool_or(held.count_held > 1) as is_on_one_record
    from identity.accepted_links as links
    join (
        select links.node_id, nodes.kind, count(*) as count_held
        from identity.accepted_links as links
        join identity.nodes as nodes on nodes.node_id = links.other_node_id
        where links.is_on_record
        group by links.node_id, nodes.kind
    ) as held on held.node_id = links.node_id
    join identity.nodes as nodes on nodes.node_id = links.other_node_id and nodes.kind = held.kind
    where links.is_on_record
    group by links.other_node_id
) as carried on carried.node_id = nodes.node_id
where components.component_id not in (
    select joined.component_id
    from identity.overrides as overrides
    join identity.components as joined using (node_id)
    where overrides.action = 'join'
)
group by components.component_id, nodes.kind
having count(*) > 1 and not bool_and(coalesce(carried.is_on_one_record, false))
