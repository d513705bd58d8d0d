-- One row per way through a funnel and step done: when, and how long after the step before.
-- kind: view
-- grain: funnel_index, entity_id, start_place, start_level, nth
with

reached as (
    select
        funnel_index, entity_id, start_us as start_place, 1 as start_level, 1 as nth, 1 as level, cast(null as integer) as place,
        make_timestamp(start_us) as reached_at, cast(null as interval) as waited
    from core.funnel_starts
    union all
    select
        funnel_index, entity_id, start_us, 1, level, level, null, make_timestamp(us),
        make_timestamp(waited_us) - make_timestamp(0)
    from core.funnel_walks
    union all
    select
        funnel_index, entity_id, start_place, start_level, generate_subscripts(levels, 1), unnest(levels), unnest(places), unnest(times),
        unnest(list_transform(range(1, steps_done + 1), lambda n: case when n > 1 then list_max(times[:n]) - list_max(times[:n - 1]) end))
    from core.funnel_attempts
)

select
    funnel_index,                                          -- Funnel in config.funnels.
    entity_id,                                             -- Who is counted: the customer, or the visit.
    start_place,                                           -- Place of the event it begins with, as in core.funnel_entries.
    start_level,                                           -- Step it begins with.
    nth,                                                   -- How many steps were done by then.
    level,                                                 -- Step that was done; places are those of core.funnel_steps.
    place,                                                 -- Place of its event; null of a plain funnel, where its step and time tell it.
    reached_at,                                            -- When, UTC; the grace may let it be earlier than the step before.
    waited                                                 -- Time since the latest of the steps before; null of the first.
from reached
