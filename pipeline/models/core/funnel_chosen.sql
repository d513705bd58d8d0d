-- One row per funnel that is not plain and entry that is counted, or stands for somebody in the whole data, in what is complete, or in a period.
-- grain: funnel_index, entity_id, start_place, start_level
with

units as (select funnel_index, any_value(period_unit) as unit from core.funnel_steps group by funnel_index),

dated as not materialized (
    select
        attempts.*, funnels.count_unit, funnels.attempt,
        cast(date_trunc(unit, timezone(reporting_zone, timezone('UTC', started_at))) as date) as period,
        case when funnels.attempt = 'first' then 0 else (31 - steps_done) * 1099511627776 end
            + start_place * 32 + start_level as rank_key
    from core.funnel_attempts as attempts
    join config.funnels as funnels on funnels.funnel_index = attempts.funnel_index
    join units on units.funnel_index = attempts.funnel_index
    cross join config.settings
),

best as (
    -- Each person, or visit, once: of their entries the one that the funnel chooses.
    select
        funnel_index, entity_id, period, is_complete, min(rank_key) as rank_key,
        case when any_value(attempt) = 'first' then arg_min(is_removed, rank_key) else bool_or(is_removed) end as is_removed
    from dated
    where count_unit <> 'entries'
    group by funnel_index, entity_id, period, is_complete
),

entities as (
    select
        funnel_index, entity_id,
        min(rank_key) as whole_key,
        min(rank_key) filter (where is_complete) as complete_key,
        bool_or(is_removed) as any_removed,
        coalesce(bool_or(is_removed) filter (where is_complete), false) as complete_removed
    from best
    group by funnel_index, entity_id
),

periods as (
    select funnel_index, entity_id, period, min(rank_key) as period_key, bool_or(is_removed) as period_removed
    from best
    group by funnel_index, entity_id, period
),

whole as (
    select best.*, whole_key, complete_key, any_removed, complete_removed, period_key, period_removed, attempt = 'first' as is_first
    from best
    join entities using (funnel_index, entity_id)
    join periods using (funnel_index, entity_id, period)
    join config.funnels using (funnel_index)
),

kept as (
    select
        funnel_index, entity_id, rank_key,
        rank_key = whole_key and not (case when is_first then is_removed else any_removed end) as is_counted,
        rank_key = whole_key and (case when is_first then is_removed else any_removed end) as is_removed,
        coalesce(is_complete and rank_key = complete_key and not (case when is_first then is_removed else complete_removed end), false) as is_counted_complete,
        rank_key = period_key and not (case when is_first then is_removed else period_removed end) as is_counted_in_period
    from whole
    where rank_key in (whole_key, complete_key, period_key)
    union all
    select
        dated.funnel_index, dated.entity_id, rank_key, not is_removed, is_removed, is_complete and not is_removed, not is_removed
    from dated
    left join core.funnel_rounds as rounds
        on rounds.funnel_index = dated.funnel_index and rounds.entity_id = dated.entity_id
        and rounds.start_place = dated.start_place and rounds.start_level = dated.start_level
    where count_unit = 'entries' and (attempt = 'all' or rounds.funnel_index is not null)
)

select
    dated.funnel_index,                                    -- Funnel in config.funnels.
    dated.entity_id,                                       -- Who is counted: the customer, or the visit.
    dated.start_place,                                     -- Place of the event it begins with, among those of the same funnel and entity.
    dated.start_level,                                     -- Step it begins with; 1 unless the funnel is open.
    dated.started_at,                                      -- When it begins, UTC.
    dated.period,                                          -- Week or month in which it begins, by its first day in the reporting zone.
    dated.steps_done,                                      -- Steps done within the window.
    list_max(dated.times) as stopped_at,                   -- When the latest of these was done, UTC.
    list_max(dated.levels) as furthest_level,              -- Furthest step.
    dated.outcome,                                         -- converted: every step is done; open: the time for the next one is not over; lost.
    dated.cut_at,                                          -- When an exclusion ended it; null where none did.
    dated.ended_at,                                        -- When it was converted, cut, or its time is over.
    dated.window_ends_at,                                  -- Until when its steps count.
    dated.is_complete,                                     -- That lies before the end of the data, so that no later file changes it.
    kept.is_counted,                                       -- It stands for its person, visit or itself in the whole data.
    kept.is_counted_complete,                              -- It does among complete entries.
    kept.is_counted_in_period,                             -- It does among the entries that begin in its period.
    kept.is_removed                                        -- Its person, visit or itself is removed from the whole funnel by an exclusion.
from kept
join dated on dated.funnel_index = kept.funnel_index and dated.entity_id = kept.entity_id and dated.rank_key = kept.rank_key
