-- A link that is refused is not followed, and the two ends of one that is kept apart lead to two customers.
select a.node_id, b.node_id as other_node_id, refused.rule
from identity.refused_links as refused
join identity.nodes as a on a.kind = refused.kind and a.value = refused.value
join identity.nodes as b on b.kind = refused.other_kind and b.value = refused.other_value
join identity.accepted_links as accepted on accepted.node_id = a.node_id and accepted.other_node_id = b.node_id
anti join identity.unfollowed_links as apart
    on apart.node_id = accepted.node_id and apart.other_node_id = accepted.other_node_id
union all
select apart.node_id, apart.other_node_id, apart.rule
from identity.unfollowed_links as apart
join identity.components as one on one.node_id = apart.node_id
join identity.components as other on other.node_id = apart.other_node_id
where one.component_id = other.component_id
