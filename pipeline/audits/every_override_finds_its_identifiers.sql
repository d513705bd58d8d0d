-- Every line of identity.csv names two identifiers that are in the data and may join.
-- level: warn
-- to do: Check how they are written. What no row has yet can stay; an identifier that too many people share joins nobody.
select
    line_number, action, kind, other_kind, node_id is null as is_one_missing, other_node_id is null as is_other_missing,
    concat('line ', line_number, ' of identity.csv (', action, '): the data has no such ', concat_ws(
        ' and no such ', case when is_one_missing then kind end, case when is_other_missing then other_kind end)) as finding
from identity.overrides
where node_id is null or other_node_id is null
