-- One row per kind of path and step that flows are drawn from.
-- grain: path_kind, anchor
with

passed as (
    select path_kind, code, cast(sum(count_journeys) as bigint) as count_journeys
    from (
        select path_kind, count_journeys,
            -- A step counts where it comes first: list_distinct takes more than twice as long.
            unnest(list_filter(path_codes, lambda code, i: list_position(path_codes, code) = i)) as code
        from core.taken_paths
    )
    group by path_kind, code
),

steps as (
    select nodes.path_kind, nodes.code, nodes.step, nodes.name, coalesce(passed.count_journeys, 0) as count_journeys
    from core.path_nodes as nodes
    left join passed on passed.path_kind = nodes.path_kind and passed.code = nodes.code
),

asked as (
    select path_kind, step as anchor, false as is_most_common from config.path_anchors
    union all
    select path_kind, arg_max(step, (count_journeys, 1000 - code)), true
    from steps where count_journeys > 0 group by path_kind
),

found as (
    -- A name as it is written stands before one that differs in capitals only.
    select
        asked.path_kind,
        coalesce(arg_min(steps.step, steps.name <> asked.anchor), asked.anchor) as anchor,
        arg_min(steps.code, steps.name <> asked.anchor) as code,
        coalesce(arg_min(steps.count_journeys, steps.name <> asked.anchor), 0) as count_journeys,
        bool_or(asked.is_most_common) as is_most_common
    from asked
    left join steps
        on steps.path_kind = asked.path_kind and (lower(steps.name) = lower(asked.anchor) or steps.step = asked.anchor)
    group by asked.path_kind, asked.anchor
),

once as (
    select path_kind, anchor, min(code) as code, max(count_journeys) as count_journeys, bool_or(is_most_common) as is_most_common
    from found
    group by path_kind, anchor
)

select
    once.path_kind,                                        -- channel, stage, page_group or interaction.
    once.anchor,                                           -- The step.
    once.code,                                             -- Its number in core.path_nodes; null when there is no such step.
    cast(once.count_journeys as bigint) as count_journeys, -- Journeys that pass it; 0 when none does.
    once.is_most_common,                                   -- More journeys pass it than any other step of its kind.
    case when once.code is null then (
        select arg_max(steps.step, (jaro_winkler_similarity(lower(steps.name), lower(once.anchor)), steps.count_journeys, 1000 - steps.code))
        from steps
        where steps.path_kind = once.path_kind and steps.count_journeys > 0
    ) end as nearest_step                                  -- Where there is no such step, the one seen whose name is nearest.
from once
