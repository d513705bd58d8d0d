-- Who arrives at a node of a flow leaves it by the next step, and everybody whom a flow begins with comes to an end of it.
with

arrived as (
    select path_kind, anchor, direction, step + 1 as step, to_node as node, sum(count_journeys) as count_arrived
    from marts.path_transitions
    where to_node not in ('(conversion)', '(drop-off)', '(still open)', '(more steps)', '(start)')
    group by all
),

left_again as (
    select path_kind, anchor, direction, step, from_node as node, sum(count_journeys) as count_left
    from marts.path_transitions
    where step > 1
    group by all
)

select coalesce(arrived.path_kind, left_again.path_kind) as path_kind, coalesce(arrived.anchor, left_again.anchor) as anchor,
    coalesce(arrived.direction, left_again.direction) as direction, coalesce(arrived.step, left_again.step) as step,
    coalesce(arrived.node, left_again.node) as node, count_arrived, count_left
from arrived
full join left_again using (path_kind, anchor, direction, step, node)
where coalesce(count_arrived, 0) <> coalesce(count_left, 0)
