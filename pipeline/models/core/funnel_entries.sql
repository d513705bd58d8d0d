-- One row per funnel and entry that is counted, or stands for somebody in the whole data, in what is complete, or in a period.
-- What is not stored follows from what is.
-- kind: view
-- grain: funnel_index, entity_id, start_place, start_level
with

funnels as (
    select
        funnel_index, count_levels, as_of, epoch_us(window_days * interval 1 day) as length
    from config.funnels
    cross join config.settings
    join (select funnel_index, max(level) as count_levels from core.funnel_steps where is_plain group by funnel_index)
        using (funnel_index)
),

entries as (
    select
        ways.funnel_index, ways.entity_id, ways.start_us as start_place, 1 as start_level,
        make_timestamp(ways.start_us) as started_at, ways.period, cast(1 + coalesce(len(later_us), 0) as integer) as steps_done,
        greatest(start_us, list_max(later_us)) as stopped_us, make_timestamp(stopped_us) as stopped_at,
        steps_done as furthest_level,
        start_us + length < epoch_us(as_of) as is_complete,
        case when steps_done = count_levels then 'converted' when is_complete then 'lost' else 'open' end as outcome,
        cast(null as timestamp) as cut_at,
        make_timestamp(case when steps_done = count_levels then stopped_us else start_us + length end) as ended_at,
        make_timestamp(start_us + length) as window_ends_at,
        is_counted, is_counted_complete, is_counted_in_period, false as is_removed
    from core.funnel_ways as ways
    join funnels on funnels.funnel_index = ways.funnel_index
    union all
    select
        funnel_index, entity_id, start_place, start_level, started_at, period, steps_done, null, stopped_at, furthest_level,
        is_complete, outcome, cut_at, ended_at, window_ends_at,
        is_counted, is_counted_complete, is_counted_in_period, is_removed
    from core.funnel_chosen
)

select
    funnel_index,                                          -- Funnel in config.funnels.
    entity_id,                                             -- Who is counted: the customer, or the visit.
    start_place,                                           -- Place of the event it begins with, among those of the same funnel and entity; of a plain funnel its time in microseconds.
    start_level,                                           -- Step it begins with; 1 unless the funnel is open.
    started_at,                                            -- When it begins, UTC.
    period,                                                -- Week or month in which it begins, by its first day in the reporting zone.
    steps_done,                                            -- Steps done within the window; which and when is in core.funnel_reached.
    stopped_at,                                            -- When the latest of these was done, UTC.
    furthest_level,                                        -- Furthest step.
    outcome,                                               -- converted: every step is done; open: the time for the next one is not over; lost.
    cut_at,                                                -- When an exclusion ended it; null where none did.
    ended_at,                                              -- When it was converted, cut, or its time is over.
    window_ends_at,                                        -- Until when its steps count.
    is_complete,                                           -- That lies before the end of the data, so that no later file changes it.
    is_counted,                                            -- It stands for its person, visit or itself in the whole data.
    is_counted_complete,                                   -- It does among complete entries.
    is_counted_in_period,                                  -- It does among the entries that begin in its period.
    is_removed                                             -- Its person, visit or itself is removed from the whole funnel by an exclusion.
from entries
