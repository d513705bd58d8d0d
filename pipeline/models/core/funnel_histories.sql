-- One row per plain funnel and entity: what it did of the steps, as one sorted list of numbers.
-- Plain is a funnel in order that counts people or visits from the first step on, where nothing takes anybody out, nothing is
-- held constant, no gap is set, and no event fits two steps. A number is the time in microseconds, later by the grace for
-- each step, then the step in the last five bits: so moved, a step stands behind whatever it may follow.
-- grain: funnel_index, entity_id
with

fits as (
    select found.funnel_index, found.parts, min(steps.level) as level, count(*) > 1 as is_several
    from (select distinct funnel_index, parts from core.funnel_events) as found
    join core.funnel_steps as steps
        on steps.funnel_index = found.funnel_index and steps.is_counted
        and found.parts & (cast(1 as bigint) << steps.part) <> 0
    group by found.funnel_index, found.parts
),

plain as (
    select fits.funnel_index, fits.parts, fits.level, epoch_us(grace_seconds * interval 1 second) * fits.level as moved
    from fits
    join config.funnels as funnels
        on funnels.funnel_index = fits.funnel_index
        and mode = 'loose' and entry = 'closed' and count_unit <> 'entries' and step_max_gap_days is null
        and len(coalesce(hold_constant, [])) = 0
    anti join config.funnel_exclusions as exclusions on exclusions.funnel_index = fits.funnel_index
    anti join (select funnel_index from fits where is_several) as several on several.funnel_index = fits.funnel_index
),

gathered as (
    select
        events.funnel_index, events.entity_id,
        list_sort(list((epoch_us(events.occurred_at) + plain.moved) * 32 + plain.level)) as steps,
        min(events.occurred_at) filter (where plain.level = 1) as first_started_at,
        max(events.occurred_at) filter (where plain.level = 1) as last_started_at
    from core.funnel_events as events
    join plain on plain.funnel_index = events.funnel_index and plain.parts = events.parts
    group by events.funnel_index, events.entity_id
)

select
    funnel_index,                                          -- Funnel in config.funnels.
    entity_id,                                             -- Who is counted: the customer, or the visit.
    case when len(steps) <= 500 then steps end as steps,    -- What it did, in order; null of very much, whose ways core.funnel_links finds.
    first_started_at,                                      -- When the first step was first done, UTC; null where it never was.
    last_started_at                                        -- When it was last done, UTC.
from gathered
