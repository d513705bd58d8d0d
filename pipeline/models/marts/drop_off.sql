-- One row per outcome, breakdown and stage: where journeys stopped, and what the open ones wait for.
-- grain: outcome, breakdown, breakdown_value, stage
with

ended as (
    select journeys.*, touches.channel, touches.session_id, touches.interaction
    from core.journeys as journeys
    join core.touches as touches on touches.touch_id = journeys.last_touch_id
    where journeys.outcome in ('lost', 'open')
),

reached as (
    select journey_id, max(stage_index) as stage_index from core.stage_entries where stage <> 'retention' group by journey_id
),

placed as (
    select
        ended.outcome,
        coalesce(stages.stage, 'none') as stage,
        coalesce(next_stages.stage, 'awareness') as next_stage,
        ended.channel,
        coalesce(sessions.exit_page, '(no page)') as last_page,
        coalesce(ended.interaction, 'other') as last_interaction,
        coalesce(sessions.device_category, '(not known)') as device_category,
        date_diff('second', ended.started_at, ended.ended_at) / 86400.0 as duration_days
    from ended
    left join reached using (journey_id)
    left join config.stages as stages on stages.stage_index = reached.stage_index
    left join config.stages as next_stages on next_stages.stage_index = coalesce(reached.stage_index, 0) + 1
    left join core.sessions as sessions on sessions.session_id = ended.session_id
),

counted as (
    select
        outcome,
        case
            when grouping(channel) = 0 then 'channel'
            when grouping(last_page) = 0 then 'last_page'
            when grouping(last_interaction) = 0 then 'last_interaction'
            when grouping(device_category) = 0 then 'device'
            else 'all'
        end as breakdown,
        case
            when grouping(channel) = 0 then channel
            when grouping(last_page) = 0 then last_page
            when grouping(last_interaction) = 0 then last_interaction
            when grouping(device_category) = 0 then device_category
            else 'all'
        end as breakdown_value,
        stage,
        next_stage,
        count(*) as count_journeys,
        median(duration_days) as median_days
    from placed
    group by grouping sets (
        (outcome, stage, next_stage),
        (outcome, stage, next_stage, channel),
        (outcome, stage, next_stage, last_page),
        (outcome, stage, next_stage, last_interaction),
        (outcome, stage, next_stage, device_category)
    )
),

shared as (
    select *, sum(count_journeys) over (partition by outcome, breakdown) as count_outcome from counted
)

select
    outcome,                                               -- lost or open; open journeys are never counted as lost.
    breakdown,                                             -- all, channel of the last touch, last_page, last_interaction or device.
    breakdown_value,                                       -- The channel, page, interaction or device.
    stage,                                                 -- Furthest stage reached; none without evidence of any.
    case when outcome = 'open' then next_stage end as waits_for,    -- Stage that an open journey would reach next.
    count_journeys,                                        -- Journeys that stand here.
    cast(count_outcome as bigint) as count_outcome,        -- All journeys of the outcome: n of the share.
    count_journeys / count_outcome as journeys_share,      -- Share of them.
    share_low(count_journeys, count_outcome) as journeys_share_low,    -- Lower end of its 95 % interval.
    share_high(count_journeys, count_outcome) as journeys_share_high,    -- Upper end.
    median_days                                            -- Median days between first and last touch.
from shared
