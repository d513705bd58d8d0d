-- One row per kind of path and path that a journey took: what the marts of paths are counted from.
-- Far fewer paths differ than there are journeys: flows, parts and steps are cut out of each path once.
-- grain: path_kind, path_codes
with

walked as (
    select
        steps.path_kind, steps.path_codes,
        count(*) as count_journeys,
        count(*) filter (where journeys.outcome = 'converted') as count_converted,
        count(*) filter (where journeys.outcome = 'lost') as count_lost,
        sum(journeys.revenue) as revenue,
        sum(greatest(len(steps.path_codes), len(steps.other_codes))) as count_touches
    from core.journey_codes as steps
    join core.journeys as journeys on journeys.journey_id = steps.journey_id
    group by steps.path_kind, steps.path_codes
),

everyone as (
    select
        count(*) as count_journeys, count(*) filter (where outcome = 'converted') as count_converted,
        count(*) filter (where outcome = 'lost') as count_lost, sum(revenue) as revenue
    from core.journeys
),

counted as (
    select * from walked
    union all
    -- Journeys without a step of the kind are those left over, and need not be looked up.
    select
        kinds.path_kind, [],
        any_value(everyone.count_journeys) - coalesce(sum(walked.count_journeys), 0) as count_left,
        any_value(everyone.count_converted) - coalesce(sum(walked.count_converted), 0),
        any_value(everyone.count_lost) - coalesce(sum(walked.count_lost), 0),
        any_value(everyone.revenue) - coalesce(sum(walked.revenue), 0),
        0
    from (select unnest(['channel', 'stage', 'page_group', 'interaction']) as path_kind) as kinds
    cross join everyone
    left join walked on walked.path_kind = kinds.path_kind
    group by kinds.path_kind
    having count_left > 0
)

select
    path_kind,                                             -- channel, stage, page_group or interaction.
    path_codes,                                            -- Steps, as numbers of core.path_nodes; empty when nothing of the kind was seen.
    cast(count_journeys as bigint) as count_journeys,      -- Journeys that took it.
    cast(count_converted as bigint) as count_converted,    -- Those that ended in an order.
    cast(count_lost as bigint) as count_lost,              -- Those that ended in silence.
    coalesce(revenue, 0) as revenue,                       -- Revenue of their orders, in the reporting currency.
    cast(count_touches as bigint) as count_touches         -- Their steps, repeats included.
from counted
