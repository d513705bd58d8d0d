-- One row per funnel: how it counts, how many are in it, and how long they take.
-- grain: funnel_index
with

data as (
    select min(occurred_at) as begins_at, max(as_of) as ends_at
    from core.touchpoints
    cross join config.settings
),

counted as (
    select
        funnel_index,
        count(*) filter (where is_counted) as count_entries,
        count(*) filter (where is_counted and outcome = 'converted') as count_converted,
        count(*) filter (where is_counted and outcome = 'lost') as count_lost,
        count(*) filter (where is_counted and outcome = 'open') as count_open,
        count(*) filter (where is_counted_complete) as count_complete,
        count(*) filter (where is_counted and cut_at is not null) as count_cut,
        count(*) filter (where is_removed) as count_removed
    from core.funnel_entries
    group by funnel_index
),

medians as (
    select
        funnel_index,
        min(days) filter (where converted_share >= 0.5) as median_days,
        min(days) filter (where converted_share_high >= 0.5) as median_days_low,
        min(days) filter (where converted_share_low >= 0.5) as median_days_high
    from core.funnel_curves
    group by funnel_index
),

stretches as (
    select
        curves.funnel_index, 1 - converted_share as staying, days as begin,
        coalesce(lead(days) over (partition by curves.funnel_index order by days), window_days) as until
    from core.funnel_curves as curves
    join config.funnels using (funnel_index)
),

means as (
    select funnel_index, min(begin) + sum(staying * (until - begin) order by begin) as mean_days from stretches group by funnel_index
),

steps as (
    select
        funnel_index,
        count(level) as count_steps,
        bool_or(is_missing) as is_refused,
        case when not is_refused then string_agg(step, ', ' order by step_index) filter (where not is_counted) end as left_out,
        string_agg(step || ' (' || takes || ')' || coalesce('; the nearest in the data is ' || nearest_name, ''), '; ' order by step_index)
            filter (where is_missing) as unfound,
        list(step_index order by step_index) filter (where is_missing) as missing_steps,
        list(nearest_name order by step_index) filter (where is_missing) as nearest_names
    from core.funnel_steps
    group by funnel_index
)

select
    funnels.funnel_index,                                  -- Funnel in config.funnels.
    funnels.funnel,                                        -- Name of the funnel.
    steps.count_steps,                                     -- Steps that count.
    steps.left_out,                                        -- Optional steps that nothing in the data fits, and that are left out.
    steps.unfound,                                         -- Steps that have to be there and that nothing in the data fits, what they take, and the nearest there is; null unless the funnel is refused for them.
    steps.missing_steps,                                   -- Their places in config.funnel_steps.
    steps.nearest_names,                                   -- Of each the nearest there is; null of SQL.
    case when not is_refused then coalesce(count_entries, 0) end as count_entries,    -- People, visits or entries counted; this and what follows is null where the funnel is refused.
    case when not is_refused then coalesce(count_converted, 0) end as count_converted,    -- Of these, those who did every step.
    case when not is_refused then coalesce(count_lost, 0) end as count_lost,    -- Those who did not within the window.
    case when not is_refused then coalesce(count_open, 0) end as count_open,    -- Those whose window is not over.
    case when not is_refused then coalesce(count_complete, 0) end as count_complete,    -- Those seen for a whole window; rates count only them.
    case when not is_refused then coalesce(count_cut, 0) end as count_cut,    -- Those whom an exclusion ended.
    case when not is_refused then coalesce(count_removed, 0) end as count_removed,    -- Left out altogether, because an exclusion removes them.
    medians.median_days,                                   -- Days after which half have converted; null when fewer than half do.
    medians.median_days_low,                               -- Lower end of its 95 % interval (Brookmeyer and Crowley 1982).
    medians.median_days_high,                              -- Upper end; null when it lies beyond what was seen.
    case when count_entries > 0 then coalesce(means.mean_days, funnels.window_days) end as mean_days,    -- Mean days on the way within the window, who never converts with all of it (restricted mean).
    coalesce(epoch(data.ends_at - data.begins_at) / 86400 < funnels.window_days, true) as is_window_longer    -- The window is longer than the data, so that no entry is complete.
from config.funnels as funnels
left join counted on counted.funnel_index = funnels.funnel_index
left join medians on medians.funnel_index = funnels.funnel_index
left join means on means.funnel_index = funnels.funnel_index
left join steps on steps.funnel_index = funnels.funnel_index
cross join data
