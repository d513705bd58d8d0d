-- One row per kind of path, anchor, direction, step and pair of nodes that journeys pass between.
-- From a step in the middle, flows begin at the first time that a journey passes it.
-- grain: path_kind, anchor, direction, step, from_node, to_node
with

settings as (select * from config.settings),

names as (
    select path_kind, list(step order by code) as names
    from (select distinct path_kind, code, step from core.path_nodes)
    group by path_kind
),

flows as (
    -- A number stands for a kind and an anchor: millions of rows are grouped by it.
    select path_kind, anchor, code, cast(row_number() over (order by path_kind, anchor nulls first) as usmallint) as flow
    from (
        select distinct path_kind, cast(null as varchar) as anchor, cast(null as utinyint) as code from core.taken_paths
        union all
        select path_kind, anchor, code from marts.path_anchors where code is not null
    )
),

origins as (
    -- Where a flow begins in a path: before its first step, after its last one, or at the first time the anchor is passed.
    select
        flows.flow, paths.path_codes, len(paths.path_codes) as size,
        unnest([1, -1]) as way, unnest([0, len(paths.path_codes) + 1]) as origin,
        paths.count_journeys, paths.count_converted, paths.count_lost, paths.revenue
    from core.taken_paths as paths
    join flows on flows.path_kind = paths.path_kind and flows.code is null
    union all
    select
        flows.flow, paths.path_codes, len(paths.path_codes), unnest([1, -1]), list_position(paths.path_codes, flows.code),
        paths.count_journeys, paths.count_converted, paths.count_lost, paths.revenue
    from core.taken_paths as paths
    join flows on flows.path_kind = paths.path_kind and list_contains(paths.path_codes, flows.code)
),

places as (select unnest(range(0, max_steps_drawn + 1)) as place, max_steps_drawn as most from settings),

counted as (
    select
        flow, way, place,
        case when place > 0 then path_codes[origin + way * place] end as from_code,
        case when place < most then path_codes[origin + way * (place + 1)] end as to_code,
        place = case way when 1 then size - origin else origin - 1 end as is_end,
        sum(count_journeys) as count_journeys, sum(count_converted) as count_converted, sum(count_lost) as count_lost,
        sum(revenue) as revenue
    from origins
    join places on places.place <= case way when 1 then size - origin else origin - 1 end
    group by all
),

steps as (
    select flows.path_kind, flows.anchor, counted.*
    from counted
    join flows on flows.flow = counted.flow
),

passages as (
    select
        path_kind, coalesce(anchor, '(start)') as anchor, 'forward' as direction, place, from_code, to_code,
        unnest(case when is_end then ['(conversion)', '(drop-off)', '(still open)'] else [null] end) as ending,
        unnest(case
            when is_end then [count_converted, count_lost, count_journeys - count_converted - count_lost] else [count_journeys]
        end) as count_journeys,
        unnest(case when is_end then [revenue, 0, 0] else [revenue] end) as revenue
    from steps
    where way = 1
    union all
    select path_kind, anchor, 'backward', place, from_code, to_code, case when is_end then '(start)' end, count_journeys, revenue
    from steps
    where way = -1 and anchor is not null
    union all
    select
        path_kind, unnest(['(conversion)', '(drop-off)']), 'backward', place, from_code, to_code,
        case when is_end then '(start)' end, unnest([count_converted, count_lost]), unnest([revenue, 0])
    from steps
    where way = -1 and anchor is null
)

select
    passages.path_kind,                                    -- What the nodes are: channel, stage, page_group or interaction.
    anchor,                                                -- (start), (conversion), (drop-off), or the step the flow begins at.
    direction,                                             -- forward in time from the anchor, or backward.
    cast(place + 1 as integer) as step,                    -- 1 leaves the anchor.
    coalesce(names.names[from_code], anchor) as from_node,    -- Step, or the anchor.
    coalesce(ending, names.names[to_code], '(more steps)') as to_node,    -- Step, or (conversion), (drop-off), (still open), (start), (more steps).
    cast(sum(count_journeys) as bigint) as count_journeys, -- Journeys that pass here.
    cast(sum(revenue) as decimal(18, 4)) as revenue        -- Revenue of those that end in an order.
from passages
left join names on names.path_kind = passages.path_kind
where passages.count_journeys > 0
group by all
