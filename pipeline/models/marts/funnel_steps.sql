-- One row per funnel, value of what it is broken down by, and step: who did it, and the share of those before who did.
-- grain: funnel_index, breakdown, value_of, breakdown_value, level
with

reached as (
    -- In any order the step is how many were done.
    select
        reached.funnel_index, entity_id, start_place, start_level, case when mode = 'any' then nth else level end as level,
        nth, epoch(waited) / 86400 as days, is_counted, is_counted_complete, is_waiting
    from core.funnel_reached as reached
    join config.funnels as funnels on funnels.funnel_index = reached.funnel_index
    where is_counted or is_counted_complete
),

grouped as (
    select reached.*, 'all' as breakdown, 'all' as value_of, 'all' as breakdown_value from reached
    union all
    select
        reached.*, breakdown, case value_of when 'step' then steps.step else value_of end, breakdown_value
    from core.funnel_values as given
    join config.funnel_breakdowns as declared using (funnel_index, breakdown_index)
    join reached using (funnel_index, entity_id, start_place, start_level)
    left join config.funnel_steps as steps
        on steps.funnel_index = declared.funnel_index and steps.step_index = declared.step_index
),

counted as (
    select
        funnel_index, breakdown, value_of, breakdown_value, level,
        count(*) filter (where is_counted) as count_entries,
        count(*) filter (where is_counted and is_waiting) as count_open,
        count(*) filter (where is_counted_complete) as count_complete,
        count(*) filter (where is_counted_complete and nth = 1) as count_begun,
        median(days) filter (where is_counted_complete) as median_days_from_previous,
        count(days) filter (where is_counted_complete) as count_timed
    from grouped
    group by all
),

grid as (
    select groups.funnel_index, breakdown, value_of, breakdown_value, declared.level, declared.step, funnels.funnel, funnels.mode
    from (select distinct funnel_index, breakdown, value_of, breakdown_value from counted) as groups
    join core.funnel_steps as declared on declared.funnel_index = groups.funnel_index and declared.is_counted
    join config.funnels as funnels on funnels.funnel_index = groups.funnel_index
),

filled as (
    select
        grid.* exclude (mode, step),
        case when mode = 'any' then level || case level when 1 then ' step' else ' steps' end else step end as step,
        coalesce(count_entries, 0) as count_entries, coalesce(count_open, 0) as count_open,
        coalesce(count_complete, 0) as count_complete, coalesce(count_begun, 0) as count_begun,
        median_days_from_previous, coalesce(count_timed, 0) as count_timed
    from grid
    left join counted using (funnel_index, breakdown, value_of, breakdown_value, level)
),

followed as (
    select
        *,
        case when level > 1 then count_complete - count_begun end as count_went_on,
        lag(count_complete) over in_order as count_previous,
        sum(count_begun) over (partition by funnel_index, breakdown, value_of, breakdown_value) as count_anchor
    from filled
    window in_order as (partition by funnel_index, breakdown, value_of, breakdown_value order by level)
)

select
    funnel_index,                                          -- Funnel in config.funnels.
    funnel,                                                -- Name of the funnel.
    breakdown,                                             -- all, or the attribute it is broken down by.
    value_of,                                              -- Whose value stands: first, last or all steps, journey, or the name of a step.
    breakdown_value,                                       -- The value.
    level,                                                 -- Place of the step among those that count; in any order, how many were done.
    step,                                                  -- Name of the step.
    count_entries,                                         -- People, visits or entries that did it.
    count_open,                                            -- Of these, those who got no further and whose time is not over.
    count_complete,                                        -- Those who did it among all seen for a whole window; rates count only them.
    count_previous,                                        -- Such ones at the step before; the base of step_rate, null at the first.
    count_went_on,                                         -- Of these, those who did this step; less than count_complete only in open funnels.
    case when count_previous > 0 then count_went_on / count_previous end as step_rate,    -- Share of those at the step before who did this one.
    case when level > 1 then share_low(count_went_on, count_previous) end as step_rate_low,    -- Lower end of its 95 % interval.
    case when level > 1 then share_high(count_went_on, count_previous) end as step_rate_high,    -- Upper end.
    cast(count_anchor as bigint) as count_anchor,          -- Such ones who entered at all; the base of overall_rate.
    case when count_anchor > 0 then count_complete / count_anchor end as overall_rate,    -- Share of them who did this step.
    share_low(count_complete, count_anchor) as overall_rate_low,    -- Lower end of its 95 % interval.
    share_high(count_complete, count_anchor) as overall_rate_high,    -- Upper end.
    median_days_from_previous,                             -- Median days since the step before.
    count_timed                                            -- n of the median.
from followed
