-- One row per journey and stage that it shows evidence of: when it was first reached.
-- grain: journey_id, stage_index
with

evidence as (
    -- The same stage within one visit is reached once; this keeps the join with journeys short.
    select customer_id, session_id, stage, min(occurred_at) as occurred_at
    from core.touchpoints
    where stage is not null and customer_id is not null and not is_machine and not is_test
    group by customer_id, session_id, stage, case when session_id is null then occurred_at end
),

in_journeys as (
    select journeys.journey_id, evidence.stage, evidence.occurred_at
    from evidence
    join core.journeys as journeys
        on journeys.customer_id = evidence.customer_id
        and evidence.occurred_at >= journeys.started_at
        and evidence.occurred_at < coalesce(journeys.next_started_at, timestamp '9999-12-31')
    where evidence.stage <> 'purchase'
),

bought as (
    select journey_id, 'purchase' as stage, ended_at as occurred_at
    from core.journeys
    where outcome = 'converted'
),

everything as (
    select * from in_journeys
    union all
    select * from bought
)

select
    everything.journey_id,                                 -- Journey.
    stages.stage_index,                                    -- Place of the stage in config.stages.
    everything.stage,                                      -- Stage.
    min(everything.occurred_at) as entered_at              -- First evidence of it, UTC.
from everything
join config.stages as stages on stages.stage = everything.stage
group by everything.journey_id, stages.stage_index, everything.stage
