-- One row per outcome and furthest stage: how many journeys were lost there, and what the open ones wait for.
-- grain: outcome, stage
with

reached as (
    select journey_id, max(stage_index) as stage_index from core.stage_entries where stage <> 'retention' group by journey_id
),

placed as (
    select
        journeys.outcome,
        coalesce(stages.stage, 'none') as stage,
        coalesce(next_stages.stage, 'awareness') as next_stage,
        date_diff('second', journeys.started_at, journeys.ended_at) / 86400.0 as duration_days
    from core.journeys as journeys
    left join reached using (journey_id)
    left join config.stages as stages on stages.stage_index = reached.stage_index
    left join config.stages as next_stages on next_stages.stage_index = coalesce(reached.stage_index, 0) + 1
    where journeys.outcome in ('lost', 'open')
),

counted as (
    select outcome, stage, next_stage, count(*) as count_journeys, median(duration_days) as median_days
    from placed
    group by outcome, stage, next_stage
),

shared as (
    select *, sum(count_journeys) over (partition by outcome) as count_outcome from counted
)

select
    outcome,                                               -- lost or open; open journeys are never counted as lost.
    stage,                                                 -- Furthest stage reached; none without evidence of any.
    case when outcome = 'open' then next_stage end as waits_for,    -- Stage that an open journey would reach next.
    count_journeys,                                        -- Journeys that stand here.
    cast(count_outcome as bigint) as count_outcome,        -- All journeys of the outcome: n of the share.
    count_journeys / count_outcome as journeys_share,      -- Share of them.
    share_low(count_journeys, count_outcome) as journeys_share_low,    -- Lower end of its 95 % interval.
    share_high(count_journeys, count_outcome) as journeys_share_high,    -- Upper end.
    median_days                                            -- Median days between first and last touch.
from shared
