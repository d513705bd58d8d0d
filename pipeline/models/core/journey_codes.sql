-- One row per journey and kind of path: its steps in order, up to the order it ends in.
-- Of the same millisecond, earlier stages come first, then lower numbers: the order of rows in a file changes nothing.
-- grain: path_kind, journey_id
with

settings as (select * from config.settings),

deeds as (
    select interactions.interaction, nodes.code
    from config.interactions as interactions
    join core.path_nodes as nodes on nodes.path_kind = 'interaction' and nodes.name = interactions.interaction
),

stages as (
    select stages.stage, nodes.code
    from config.stages as stages
    join core.path_nodes as nodes on nodes.path_kind = 'stage' and nodes.name = stages.stage
),

pages as (
    select page_groups.page_path, nodes.code
    from core.page_groups as page_groups
    join core.path_nodes as nodes on nodes.path_kind = 'page_group' and nodes.name = page_groups.page_group
),

channels as (
    select list(nodes.code order by codes.channel_code) as by_code
    from core.channel_codes as codes
    join core.path_nodes as nodes on nodes.path_kind = 'channel' and nodes.name = codes.channel
),

points as (
    -- Time, stage, interaction and page in one number: one sort of whole numbers serves three kinds of path.
    select
        journeys.journey_id,
        (epoch_ms(points.occurred_at) - epoch_ms(journeys.started_at)) * 524288
            + coalesce(stages.code, 0) * 65536 + deeds.code * 256
            + case when points.session_id is null then 0 else coalesce(pages.code, 0) end as packed
    from core.touchpoints as points
    join deeds on deeds.interaction = points.interaction
    join core.journeys as journeys
        on journeys.customer_id = points.customer_id
        and points.occurred_at >= journeys.started_at
        and points.occurred_at < coalesce(journeys.next_started_at, timestamp '9999-12-31')
        and (journeys.outcome <> 'converted' or points.occurred_at <= journeys.ended_at)
    left join stages on stages.stage = points.stage
    left join pages on pages.page_path = points.page_path
    where not points.is_machine and not points.is_test
),

sorted as (select journey_id, list_sort(list(packed)) as packed from points group by journey_id),

steps as (
    select
        journeys.journey_id,
        unnest([
            {'path_kind': 'channel', 'codes': list_transform(coalesce(journeys.channel_codes, []), lambda code: by_code[code])},
            {'path_kind': 'stage', 'codes': list_transform(coalesce(sorted.packed, []), lambda p: (p // 65536) % 8)},
            {'path_kind': 'interaction', 'codes': list_transform(coalesce(sorted.packed, []), lambda p: (p // 256) % 256)},
            {'path_kind': 'page_group', 'codes': list_transform(coalesce(sorted.packed, []), lambda p: p % 256)}
        ], recursive := true)
    from core.journeys as journeys
    cross join channels
    left join sorted on sorted.journey_id = journeys.journey_id
),

cleaned as (
    select journey_id, path_kind, cast(list_filter(codes, lambda code: code > 0) as utinyint[]) as codes from steps
),

collapsed as (
    select *, list_filter(codes, lambda code, i: i = 1 or code <> codes[i - 1]) as collapsed_codes from cleaned
)

select
    collapsed.path_kind,                                   -- channel, stage, page_group or interaction.
    collapsed.journey_id,                                  -- Journey.
    case when path_collapse_repeats then collapsed_codes else codes end as path_codes,    -- Steps of its path, as numbers of core.path_nodes; equal ones in a row made one, unless the settings say otherwise.
    case when path_collapse_repeats then codes else collapsed_codes end as other_codes    -- The same the other way: with repeats, or without.
from collapsed
cross join settings
