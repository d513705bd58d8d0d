-- One row per person, system, kind of identifier and value as exported, with the group that evidence holds together.
with

nodes as (
    select *, case when not is_shared then dense_rank() over (
        partition by is_shared order by person, kind, case kind when 'person_key' then system end, plain_value) end as node
    from identifier_rows
),

grouped as (
    select nodes.*, g.component, count(distinct node) over (partition by person, g.component) as size
    from nodes
    left join evidence_groups as g using (node)
)

select
    person + 1 as person_id,
    system,
    kind,
    value,
    plain_value,
    is_shared,
    case when not is_shared then dense_rank() over (partition by person, is_shared order by size desc, component) - 1 end as evidence_group
from grouped
order by person_id, system, kind, value
