-- One row per kind of path and journey that has steps of the kind: its steps in order, up to the order it ends in.
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

spans as (
    -- Two plain limits of time: a condition on the outcome makes the join three times as slow.
    select
        journey_id, customer_id, started_at,
        least(
            coalesce(next_started_at, timestamp '9999-12-31'),
            case when outcome = 'converted' then ended_at + interval 1 microsecond else timestamp '9999-12-31' end
        ) as until_at
    from core.journeys
),

coded as (
    select
        points.customer_id, points.occurred_at,
        coalesce(stages.code, 0) * 65536 + deeds.code * 256
            + case when points.session_id is null then 0 else coalesce(pages.code, 0) end as steps
    from core.touchpoints as points
    join deeds on deeds.interaction = points.interaction
    left join stages on stages.stage = points.stage
    left join pages on pages.page_path = points.page_path
    where not points.is_machine and not points.is_test and points.customer_id is not null
),

points as (
    -- Time, stage, interaction and page in one number: one sort of whole numbers serves three kinds of path.
    select spans.journey_id, (epoch_ms(coded.occurred_at) - epoch_ms(spans.started_at)) * 524288 + coded.steps as packed
    from coded
    join spans
        on spans.customer_id = coded.customer_id
        and coded.occurred_at >= spans.started_at
        and coded.occurred_at < spans.until_at
),

listed as materialized (
    select journey_id, list_sort(list(packed)) as packed, bit_or(packed) as seen
    from points
    group by journey_id
),

steps as (
    select
        'channel' as path_kind, journey_id,
        cast(list_transform(channel_codes, lambda code: by_code[code]) as utinyint[]) as codes
    from core.journeys
    cross join channels
    where len(channel_codes) > 0
    union all
    select 'stage', journey_id, list_transform(list_filter(packed, lambda p: p & 458752 > 0), lambda p: cast(p >> 16 & 7 as utinyint))
    from listed
    where seen & 458752 > 0
    union all
    select 'interaction', journey_id, list_transform(packed, lambda p: cast(p >> 8 & 255 as utinyint)) from listed
    union all
    select 'page_group', journey_id, list_transform(list_filter(packed, lambda p: p & 255 > 0), lambda p: cast(p & 255 as utinyint))
    from listed
    where seen & 255 > 0
),

collapsed as (
    -- Before the first code of a list stands null.
    select *, list_filter(codes, lambda code, i: code is distinct from codes[i - 1]) as collapsed_codes
    from steps
)

select
    collapsed.path_kind,                                   -- channel, stage, page_group or interaction.
    collapsed.journey_id,                                  -- Journey.
    case when path_collapse_repeats then collapsed_codes else codes end as path_codes,    -- Steps of its path, as numbers of core.path_nodes; equal ones in a row made one, unless the settings say otherwise.
    case when path_collapse_repeats then codes else collapsed_codes end as other_codes    -- The same the other way: with repeats, or without.
from collapsed
cross join settings
