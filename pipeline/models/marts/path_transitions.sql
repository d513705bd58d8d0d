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

paths as (
    select
        steps.path_kind,
        steps.path_codes as codes,
        len(steps.path_codes) as size,
        case journeys.outcome when 'converted' then '(conversion)' when 'lost' then '(drop-off)' else '(still open)' end as ending,
        settings.max_steps_drawn as most,
        count(*) as count_journeys,
        sum(journeys.revenue) as revenue
    from core.journey_codes as steps
    join core.journeys as journeys on journeys.journey_id = steps.journey_id
    cross join settings
    group by all
),

anchored as (
    select paths.*, anchors.anchor, list_position(paths.codes, anchors.code) as place
    from paths
    join marts.path_anchors as anchors
        on anchors.path_kind = paths.path_kind and list_contains(paths.codes, anchors.code)
),

flows as (
    select path_kind, '(start)' as anchor, 'forward' as direction, codes[:most] as nodes, size, ending, most, count_journeys, revenue from paths
    union all
    select path_kind, ending, 'backward', list_reverse(codes[greatest(size - most, 0) + 1:size]), size, '(start)', most, count_journeys, revenue
    from paths where ending in ('(conversion)', '(drop-off)')
    union all
    select path_kind, anchor, 'forward', codes[place + 1:place + most], size - place, ending, most, count_journeys, revenue from anchored
    union all
    select path_kind, anchor, 'backward', list_reverse(codes[greatest(place - most, 1):place - 1]), place - 1, '(start)', most, count_journeys, revenue
    from anchored
),

grouped as (
    select
        path_kind, anchor, direction, nodes, least(size, most + 1) as size, ending, most,
        sum(count_journeys) as count_journeys, sum(revenue) as revenue
    from flows
    group by all
),

steps as (select *, unnest(generate_series(0, least(size, most))) as place from grouped),

-- Names are looked up last, when few rows are left.
passages as (
    select
        path_kind, anchor, direction, place,
        case when place > 0 then nodes[place] end as from_code,
        case when place < size and place < most then nodes[place + 1] end as to_code,
        case when place = size then ending end as ending,
        sum(count_journeys) as count_journeys, sum(revenue) as revenue
    from steps
    group by all
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
group by all
