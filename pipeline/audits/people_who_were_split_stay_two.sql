-- Two identifiers that identity.csv splits lead to two customers.
-- level: block
select overrides.line_number
from identity.overrides as overrides
join identity.components as one on one.node_id = overrides.node_id
join identity.components as other on other.node_id = overrides.other_node_id
where overrides.action = 'split' and one.component_id = other.component_id
