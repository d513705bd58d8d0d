-- One row per funnel and event that a way through it can begin with: how far it leads, and what becomes of it.
-- grain: funnel_index, entity_id, start_place, start_level
with recursive

funnels as (
    select declared.*, as_of, count_levels
    from config.funnels as declared
    cross join config.settings
    join (select funnel_index, max(level) as count_levels from core.funnel_steps group by funnel_index)
        using (funnel_index)
),

chains as (
    select
        funnel_index, entity_id, hold_key, level, place, [occurred_at] as times, [place] as places, [level] as levels,
        stopped_at, is_removal
    from core.funnel_links
    where next_place is null
    union all
    select
        links.funnel_index, links.entity_id, links.hold_key, links.level, links.place,
        list_prepend(links.occurred_at, chains.times), list_prepend(links.place, chains.places),
        list_prepend(links.level, chains.levels), chains.stopped_at, chains.is_removal
    from core.funnel_links as links
    join chains
        on chains.funnel_index = links.funnel_index and chains.entity_id = links.entity_id
        and chains.level = links.level + 1 and chains.place = links.next_place
),

begun as (
    select chains.*
    from chains
    join funnels on funnels.funnel_index = chains.funnel_index
    where chains.level = 1 or funnels.entry = 'open'
    union all
    select
        funnel_index, entity_id, hold_key, arg_min(level, steps_done), start_place,
        list(occurred_at order by steps_done), list(place order by steps_done), list(level order by steps_done),
        arg_max(struct_pack(at := stopped_at), steps_done).at, arg_max(struct_pack(it := is_removal), steps_done).it
    from core.funnel_unordered
    where is_reached
    group by funnel_index, entity_id, hold_key, start_place
),

sized as (
    select
        begun.*, funnels.step_max_gap_days, count_levels, as_of, mode,
        times[1] + funnels.window_days * interval 1 day as window_ends_at,
        coalesce(list_position(list_transform(times, lambda t: t > window_ends_at), true) - 1, len(times)) as steps_done
    from begun
    join funnels on funnels.funnel_index = begun.funnel_index
),

ended as (
    select
        *,
        case when mode = 'any' then steps_done else levels[steps_done] end = count_levels as is_converted,
        least(window_ends_at, times[steps_done] + step_max_gap_days * interval 1 day) as deadline_at
    from sized
),

told as (
    select
        *,
        case when not is_converted and steps_done = len(times) and stopped_at <= deadline_at then stopped_at end as cut_at
    from ended
)

select
    funnel_index,                                          -- Funnel in config.funnels.
    entity_id,                                             -- Who is counted.
    cast(place as integer) as start_place,                 -- Place of the event it begins with, among those of the same funnel and entity.
    cast(level as integer) as start_level,                 -- Step it begins with; 1 unless the funnel is open.
    times[1] as started_at,                                -- When it begins, UTC.
    hold_key,                                              -- Stands for the values that are held constant.
    cast(steps_done as integer) as steps_done,             -- Steps done within the window.
    cast(levels[:steps_done] as integer[]) as levels,      -- Those steps, in the order in which they were done.
    cast(places[:steps_done] as integer[]) as places,      -- Place of the event of each.
    times[:steps_done] as times,                           -- Time of each, UTC; the grace may let one be earlier than the one before.
    case when is_converted then 'converted' when cut_at is not null or deadline_at < as_of then 'lost' else 'open' end as outcome,    -- converted: every step is done; open: the time for the next one is not over; lost.
    cut_at,                                                -- When an exclusion ended it; null where none did.
    coalesce(cut_at is not null and is_removal, false) as is_removed,    -- That exclusion removes from the whole funnel.
    case when is_converted then list_max(times[:steps_done]) else coalesce(cut_at, deadline_at) end as ended_at,    -- When it was converted, cut, or its time is over.
    window_ends_at,                                        -- Until when its steps count.
    window_ends_at < as_of as is_complete                  -- That lies before the end of the data, so that no later file changes it.
from told
