-- One row per plain funnel and way that stands for its person or visit: in the whole data, in what is complete, or in a period.
-- grain: funnel_index, entity_id, start_us
with

walked as (
    select funnel_index, entity_id, start_us, max(level) as steps_done, max(latest_us) as stopped_us
    from core.funnel_walks
    group by funnel_index, entity_id, start_us
),

begun as not materialized (
    select
        starts.funnel_index, starts.entity_id, starts.start_us, starts.period, starts.is_first,
        coalesce(walked.steps_done, 1) as steps_done, coalesce(walked.stopped_us, starts.start_us) as stopped_us,
        starts.start_us < epoch_us(as_of) - epoch_us(window_days * interval 1 day) as is_complete, funnels.attempt
    from core.funnel_starts as starts
    join config.funnels as funnels on funnels.funnel_index = starts.funnel_index
    cross join config.settings
    left join walked
        on walked.funnel_index = starts.funnel_index and walked.entity_id = starts.entity_id and walked.start_us = starts.start_us
    anti join (select funnel_index, entity_id from core.funnel_starts where is_crowded) as crowded
        on crowded.funnel_index = starts.funnel_index and crowded.entity_id = starts.entity_id
),

-- The furthest, the earliest of equal ones.
ranked as (
    select
        begun.*, (31 - steps_done) * 72057594037927936 + start_us as rank_key,
        min(rank_key) over of_entity as whole_key,
        min(rank_key) filter (where is_complete) over of_entity as complete_key,
        min(rank_key) over (partition by funnel_index, entity_id, period) as period_key
    from begun
    where attempt <> 'first'
    window of_entity as (partition by funnel_index, entity_id)
),

chosen as (
    -- Only the first of each period is there; the first of all is complete if any is.
    select
        funnel_index, entity_id, start_us, period, steps_done, stopped_us,
        is_first as is_counted, is_first and is_complete as is_counted_complete, true as is_counted_in_period
    from begun
    where attempt = 'first'
    union all
    select
        funnel_index, entity_id, start_us, period, steps_done, stopped_us,
        rank_key = whole_key, coalesce(is_complete and rank_key = complete_key, false), rank_key = period_key
    from ranked
    where rank_key in (whole_key, complete_key, period_key)
)

select
    funnel_index,                                          -- Funnel in config.funnels.
    entity_id,                                             -- Who is counted: the customer, or the visit.
    start_us,                                              -- When it begins, in microseconds since 1970, UTC.
    period,                                                -- Week or month in which it begins, by its first day in the reporting zone.
    cast(steps_done as integer) as steps_done,             -- Steps done within the window.
    stopped_us,                                            -- When the latest of them was done.
    is_counted,                                            -- It stands for its person or visit in the whole data.
    is_counted_complete,                                   -- It does among ways whose window ends before the end of the data.
    is_counted_in_period                                   -- It does among those that begin in its period.
from chosen
