-- One row per direction, step and pair of nodes that journeys pass between.
-- grain: direction, step, from_node, to_node
with

settings as (select * from config.settings),

names as (select list(channel order by channel_code) as names from core.channel_codes),

paths as (
    select
        list_transform(
            list_filter(coalesce(channel_codes, []), lambda code, i: i = 1 or code <> channel_codes[i - 1]),
            lambda code: names.names[code]) as nodes,
        case outcome when 'converted' then '(conversion)' when 'lost' then '(drop-off)' else '(still open)' end as ending,
        revenue
    from core.journeys
    cross join names
),

turned as (
    select 'forward' as direction, nodes, '(start)' as beginning, ending, revenue from paths
    union all
    select 'backward', list_reverse(nodes), '(conversion)', '(start)', revenue from paths where ending = '(conversion)'
),

grouped as (
    select direction, nodes, beginning, ending, count(*) as count_journeys, sum(revenue) as revenue
    from turned
    group by direction, nodes, beginning, ending
),

steps as (
    select
        grouped.*,
        settings.max_steps_drawn,
        unnest(generate_series(0, least(len(nodes), settings.max_steps_drawn))) as place
    from grouped
    cross join settings
)

select
    direction,                                             -- forward from the start, or backward from the conversion.
    cast(place + 1 as integer) as step,                    -- 1 leaves the start (or the conversion).
    case when place = 0 then beginning else nodes[place] end as from_node,    -- Channel, or (start), (conversion).
    case
        when place = len(nodes) then ending
        when place = max_steps_drawn then '(more steps)'
        else nodes[place + 1]
    end as to_node,                                        -- Channel, or (conversion), (drop-off), (still open), (start), (more steps).
    cast(sum(count_journeys) as bigint) as count_journeys, -- Journeys that pass here.
    cast(sum(revenue) as decimal(18, 4)) as revenue        -- Revenue of those that end in an order.
from steps
group by all
