-- Every line of identity.csv names two identifiers that are in the data and may join.
-- level: warn
select line_number, action, kind, other_kind, node_id is null as is_one_missing, other_node_id is null as is_other_missing
from identity.overrides
where node_id is null or other_node_id is null
