-- One row per kind of path, with and without repeats, kind of customer and number of steps: how many journeys have so many.
-- grain: path_kind, is_collapsed, customer_kind, count_steps
with

settings as (select * from config.settings),

seen as (
    select
        steps.path_kind, traits.customer_kind, len(steps.path_codes) as count_steps, len(steps.other_codes) as count_other_steps,
        count(*) as count_journeys,
        count(*) filter (where journeys.outcome = 'converted') as count_converted,
        count(*) filter (where journeys.outcome = 'lost') as count_lost
    from core.journey_codes as steps
    join core.journeys as journeys on journeys.journey_id = steps.journey_id
    join core.journey_traits as traits on traits.journey_id = steps.journey_id
    group by all
),

everyone as (
    select
        traits.customer_kind, count(*) as count_journeys,
        count(*) filter (where journeys.outcome = 'converted') as count_converted,
        count(*) filter (where journeys.outcome = 'lost') as count_lost
    from core.journeys as journeys
    join core.journey_traits as traits on traits.journey_id = journeys.journey_id
    group by traits.customer_kind
),

counted as (
    select * from seen
    union all
    -- Journeys without a step of the kind are those left over.
    select
        kinds.path_kind, everyone.customer_kind, 0, 0,
        everyone.count_journeys - coalesce(sum(seen.count_journeys), 0),
        everyone.count_converted - coalesce(sum(seen.count_converted), 0),
        everyone.count_lost - coalesce(sum(seen.count_lost), 0)
    from everyone
    cross join (select distinct path_kind from core.taken_paths) as kinds
    left join seen on seen.path_kind = kinds.path_kind and seen.customer_kind = everyone.customer_kind
    group by kinds.path_kind, everyone.customer_kind, everyone.count_journeys, everyone.count_converted, everyone.count_lost
    having everyone.count_journeys > coalesce(sum(seen.count_journeys), 0)
),

lengths as (
    select
        *, unnest([path_collapse_repeats, not path_collapse_repeats]) as is_collapsed,
        unnest([count_steps, count_other_steps]) as steps
    from counted
    cross join settings
)

select
    path_kind,                                             -- channel, stage, page_group or interaction.
    is_collapsed,                                          -- Equal steps in a row count as one.
    customer_kind,                                         -- new, or returning: the customer had ordered before.
    steps as count_steps,                                  -- Steps; 0 when nothing of the kind was seen.
    cast(sum(count_journeys) as bigint) as count_journeys, -- Journeys with so many, open ones included.
    cast(sum(count_converted) as bigint) as count_converted,    -- Those that ended in an order.
    cast(sum(count_lost) as bigint) as count_lost,         -- Those that ended in silence.
    cast(sum(count_journeys - count_converted - count_lost) as bigint) as count_open    -- Those that may still grow longer, and end in an order.
from lengths
group by path_kind, is_collapsed, customer_kind, steps
