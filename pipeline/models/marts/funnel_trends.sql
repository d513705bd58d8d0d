-- One row per funnel and period of entry: who began in it, and the share who did every step.
-- grain: funnel_index, period
with

data as (
    select cast(timezone(any_value(reporting_zone), timezone('UTC', min(occurred_at))) as date) as first_day
    from core.touchpoints
    cross join config.settings
),

counted as (
    select
        funnel_index, period,
        count(*) as count_entries,
        count(*) filter (where outcome = 'converted') as count_converted,
        count(*) filter (where outcome = 'open') as count_open
    from core.funnel_entries
    where is_counted_in_period
    group by funnel_index, period
),

-- Over when the window of whoever begins at its end is.
closing as (
    select
        funnel_index, any_value(window_days) * interval 1 day as length,
        case any_value(period_unit) when 'month' then interval 1 month else interval 7 day end as period_length
    from core.funnel_steps
    join config.funnels using (funnel_index)
    group by funnel_index
)

select
    counted.funnel_index,                                  -- Funnel in config.funnels.
    funnels.funnel,                                        -- Name of the funnel.
    counted.period,                                        -- First day of the week, or of the month where the data is longer than half a year.
    timezone('UTC', timezone(reporting_zone, cast(period as timestamp) + period_length)) + length < as_of and period >= first_day as is_complete,        -- The data holds all of it, and everybody in it was seen for a whole window; tests count only such periods.
    count_entries,                                         -- People, visits or entries that began in it; a person once in each period.
    count_converted,                                       -- Of these, those who did every step.
    count_open,                                            -- Those whose window is not over.
    count_converted / count_entries as converted_share,    -- Share who did every step; so far, where the period is not complete.
    share_low(count_converted, count_entries) as converted_share_low,    -- Lower end of its 95 % interval.
    share_high(count_converted, count_entries) as converted_share_high    -- Upper end.
from counted
join config.funnels as funnels on funnels.funnel_index = counted.funnel_index
join closing on closing.funnel_index = counted.funnel_index
cross join data
cross join config.settings
