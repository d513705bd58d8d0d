-- One row per entry that stands for somebody and step done: when, and how long after the step before.
-- kind: view
-- grain: funnel_index, entity_id, start_place, start_level, nth
with

funnels as (
    select funnel_index, count_levels, epoch_us(as_of) - epoch_us(window_days * interval 1 day) as complete_until
    from config.funnels
    cross join config.settings
    join (select funnel_index, max(level) as count_levels from core.funnel_steps where is_plain group by funnel_index)
        using (funnel_index)
),

ways as (
    select
        ways.funnel_index, entity_id, start_us, later_us, 1 + coalesce(len(later_us), 0) as steps_done,
        is_counted, is_counted_complete, start_us >= complete_until and steps_done < count_levels as is_open
    from core.funnel_ways as ways
    join funnels on funnels.funnel_index = ways.funnel_index
),

plain as (
    select
        funnel_index, entity_id, start_us, 1 as nth, start_us as us, cast(null as bigint) as waited_us,
        is_counted, is_counted_complete, is_open and steps_done = 1 as is_waiting
    from ways
    union all
    select
        funnel_index, entity_id, start_us, 1 + generate_subscripts(later_us, 1), unnest(later_us),
        unnest(case
            when len(later_us) = 1 then [greatest(later_us[1] - start_us, 0)]
            else list_transform(later_us, lambda us, n: greatest(start_us, list_max(later_us[:n])) - greatest(start_us, list_max(later_us[:n - 1])))
        end),
        is_counted, is_counted_complete, is_open and generate_subscripts(later_us, 1) = len(later_us)
    from ways
    where later_us is not null
),

reached as (
    select
        funnel_index, entity_id, start_us as start_place, 1 as start_level, nth, nth as level,
        cast(null as integer) as place, make_timestamp(us) as reached_at, make_timestamp(waited_us) - make_timestamp(0) as waited,
        is_counted, is_counted_complete, is_waiting
    from plain
    union all
    select
        attempts.funnel_index, attempts.entity_id, attempts.start_place, attempts.start_level, generate_subscripts(levels, 1),
        unnest(levels), unnest(places), unnest(times),
        unnest(list_transform(range(1, attempts.steps_done + 1), lambda n: case when n > 1 then list_max(times[:n]) - list_max(times[:n - 1]) end)),
        is_counted, is_counted_complete, chosen.outcome = 'open' and generate_subscripts(levels, 1) = attempts.steps_done
    from core.funnel_attempts as attempts
    join core.funnel_chosen as chosen
        on chosen.funnel_index = attempts.funnel_index and chosen.entity_id = attempts.entity_id
        and chosen.start_place = attempts.start_place and chosen.start_level = attempts.start_level
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
    waited,                                                -- Time since the latest of the steps before; null of the first.
    is_counted,                                            -- The entry stands for its person, visit or itself in the whole data.
    is_counted_complete,                                   -- It does among complete entries.
    is_waiting                                             -- It is the last step done, and the time for the next one is not over.
from reached
