-- One row per kind of path and path that a journey took: what the marts of paths are counted from.
-- Far fewer journeys differ than there are: flows, parts and steps are cut out of each path once.
-- grain: path_kind, path_codes
select
    steps.path_kind,                                       -- channel, stage, page_group or interaction.
    steps.path_codes,                                      -- Steps, as numbers of core.path_nodes.
    count(*) as count_journeys,                            -- Journeys that took it.
    count(*) filter (where journeys.outcome = 'converted') as count_converted,    -- Those that ended in an order.
    count(*) filter (where journeys.outcome = 'lost') as count_lost,    -- Those that ended in silence.
    coalesce(sum(journeys.revenue), 0) as revenue,         -- Revenue of their orders, in the reporting currency.
    cast(sum(greatest(len(steps.path_codes), len(steps.other_codes))) as bigint) as count_touches    -- Their steps, repeats included.
from core.journey_codes as steps
join core.journeys as journeys on journeys.journey_id = steps.journey_id
group by steps.path_kind, steps.path_codes
