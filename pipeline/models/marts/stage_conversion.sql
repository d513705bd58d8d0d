-- One row per breakdown and stage: how many people reached it, and what share of those before.
-- grain: breakdown, breakdown_value, stage_index
with

settings as (select * from config.settings),

people as (
    select
        journeys.customer_id,
        arg_min(codes.channel, journeys.journey_id) as first_channel,
        cast(date_trunc('month', timezone(min(settings.reporting_zone), timezone('UTC', min(journeys.started_at)))) as date) as first_month,
        bool_or(journeys.outcome = 'open') as is_open,
        min(journeys.started_at) + min(settings.first_order_idle_days) * interval 1 day < min(settings.as_of) as is_mature,
        min(journeys.ended_at) filter (where journeys.outcome = 'converted') as bought_at
    from core.journeys as journeys
    cross join settings
    left join core.channel_codes as codes on codes.channel_code = journeys.first_channel_code
    group by journeys.customer_id
),

evidence as (
    -- Retention counts only after a purchase; a second purchase is retention as well.
    select journeys.customer_id, entries.stage_index, min(entries.entered_at) as entered_at
    from core.stage_entries as entries
    join core.journeys as journeys using (journey_id)
    join people using (customer_id)
    where entries.stage <> 'retention' or entries.entered_at > people.bought_at
    group by journeys.customer_id, entries.stage_index
    union all
    select people.customer_id, stages.stage_index, min(journeys.ended_at)
    from people
    join core.journeys as journeys on journeys.customer_id = people.customer_id and journeys.outcome = 'converted'
    join config.stages as stages on stages.stage = 'retention'
    where journeys.ended_at > people.bought_at
    group by people.customer_id, stages.stage_index
),

entered as (
    select customer_id, stage_index, min(entered_at) as entered_at from evidence group by customer_id, stage_index
),

highest as (
    select customer_id, max(stage_index) as highest_index from entered group by customer_id
),

reached as (
    -- Who reached a stage has reached those before it, with or without evidence.
    select
        people.customer_id, people.first_channel, people.first_month,
        stages.stage_index, stages.stage,
        entered.entered_at,
        entered.entered_at is null as is_skipped,
        people.is_open and highest.highest_index = stages.stage_index as may_go_on,
        people.is_mature,
        date_diff('second', earlier.entered_at, entered.entered_at) / 86400.0 as days_from_previous
    from people
    join highest using (customer_id)
    join config.stages as stages on stages.stage_index <= highest.highest_index
    left join entered on entered.customer_id = people.customer_id and entered.stage_index = stages.stage_index
    left join entered as earlier
        on earlier.customer_id = people.customer_id and earlier.stage_index = stages.stage_index - 1
),

counted as (
    select
        case
            when grouping(first_month) = 0 then 'month'
            when grouping(first_channel) = 0 then 'first_channel'
            else 'all'
        end as breakdown,
        case
            when grouping(first_month) = 0 then strftime(first_month, '%Y-%m')
            when grouping(first_channel) = 0 then coalesce(first_channel, 'No tracked touchpoint')
            else 'all'
        end as breakdown_value,
        stage_index,
        stage,
        count(*) as count_people,
        count(*) filter (where may_go_on) as count_open,
        count(*) filter (where is_mature) as mature_people,
        count(*) filter (where is_mature and may_go_on) as mature_open,
        count(*) filter (where is_skipped) as count_skipped,
        median(days_from_previous) filter (where days_from_previous >= 0) as median_days_from_previous,
        count(*) filter (where days_from_previous >= 0) as count_timed
    from reached
    group by grouping sets (
        (stage_index, stage), (first_month, stage_index, stage), (first_channel, stage_index, stage)
    )
),

compared as (
    select
        *,
        -- Only people seen long enough ago: of the others, just those who went on quickly would be counted.
        lag(mature_people) over in_stages - lag(mature_open) over in_stages as count_decided,
        first_value(mature_people) over in_stages as anchor_people
    from counted
    window in_stages as (partition by breakdown, breakdown_value order by stage_index)
)

select
    breakdown,                                             -- all, month of the person's first journey, or channel of their first touch.
    breakdown_value,                                       -- The month or channel.
    stage_index,                                           -- Place of the stage.
    stage,                                                 -- Stage.
    count_people,                                          -- People who reached it.
    count_open,                                            -- Of these, people who got no further and still may.
    mature_people as count_mature,                         -- Of these, people first seen longer ago than the silence that ends a journey; rates count only them.
    count_decided,                                         -- Such people of the stage before who went on or are lost; the base of step_rate.
    case when count_decided > 0 then mature_people / count_decided end as step_rate,    -- Share of them who reached this stage.
    share_low(mature_people, count_decided) as step_rate_low,    -- Lower end of its 95 % interval.
    share_high(mature_people, count_decided) as step_rate_high,    -- Upper end.
    anchor_people as count_anchor,                         -- Such people at the first stage; the base of overall_rate.
    case when anchor_people > 0 then mature_people / anchor_people end as overall_rate,    -- Share of them who reached this stage.
    share_low(mature_people, anchor_people) as overall_rate_low,    -- Lower end of its 95 % interval.
    share_high(mature_people, anchor_people) as overall_rate_high,    -- Upper end.
    median_days_from_previous,                             -- Median days since the stage before, of people with evidence of both in that order.
    count_timed,                                           -- Those people: n of the median.
    count_skipped / count_people as skipped_share          -- Share who got further without evidence of this stage.
from compared
