-- One row per plain funnel, entity, week and month: the way that stands for those it began then; seen for a whole window or not apart.
-- Each way takes from its first step on the earliest event of each next step, within the window.
-- grain: funnel_index, entity_id, start_place
with

funnels as (
    select
        declared.*, as_of, count_levels,
        epoch_us(grace_seconds * interval 1 second) as grace, epoch_us(window_days * interval 1 day) as length
    from config.funnels as declared
    cross join config.settings
    join (select funnel_index, max(level) as count_levels from core.funnel_steps group by funnel_index)
        using (funnel_index)
),

begun as (
    select
        funnel_index, entity_id, steps,
        unnest(list_filter(range(1, len(steps) + 1), lambda i: steps[i] & 31 = 1)) as start_place,
        unnest(list_filter(steps, lambda x: x & 31 = 1)) as start
    from core.funnel_histories
    where first_started_at is not null
),

bounded as (
    select
        begun.*, funnels.* exclude (funnel_index),
        (start - 1) // 32 - grace as started_us,
        make_timestamp(started_us) as started_at,
        started_us + length < epoch_us(as_of) as is_complete
    from begun
    join funnels on funnels.funnel_index = begun.funnel_index
),

walked as (
    select
        * exclude (steps),
        list_reduce(
            list_filter(
                steps[start_place + 1:],
                lambda x: (x - (x & 31)) // 32 - (x & 31) * grace <= started_us + length),
            lambda way, x: case when x & 31 = len(way) + 1 then list_append(way, x) else way end,
            [start]) as way
    from bounded
),

-- Zones lie whole quarters of an hour apart; each quarter is looked up once.
quarters as (
    select quarter, date_trunc('week', local_at) as week, date_trunc('month', local_at) as month
    from (
        select quarter, timezone(reporting_zone, timezone('UTC', quarter)) as local_at
        from (select distinct time_bucket(interval 15 minute, occurred_at) as quarter from core.funnel_events)
        cross join config.settings
    )
),

best as (
    select
        walked.funnel_index, walked.entity_id, week, month, is_complete,
        arg_min(
            {'start_place': start_place, 'started_at': started_at, 'way': way},
            case when attempt = 'first' then 0 else 31 - len(way) end * 1024 + start_place) as chosen
    from walked
    join quarters on quarters.quarter = time_bucket(interval 15 minute, started_at)
    group by all
),

told as (
    select
        best.*, funnels.as_of, chosen.started_at, len(chosen.way) as steps_done,
        chosen.started_at + window_days * interval 1 day as window_ends_at,
        steps_done = count_levels as is_converted,
        list_transform(chosen.way, lambda x: make_timestamp((x - (x & 31)) // 32 - (x & 31) * grace)) as times
    from best
    join funnels on funnels.funnel_index = best.funnel_index
)

select
    funnel_index,                                          -- Funnel in config.funnels.
    entity_id,                                             -- Who is counted: the customer, or the visit.
    cast(chosen.start_place as integer) as start_place,    -- Place of its first step in core.funnel_histories.
    started_at,                                            -- When it begins, UTC.
    cast(week as date) as week,                            -- First day of the week in which it begins, in the reporting zone.
    cast(month as date) as month,                          -- First day of the month.
    cast(steps_done as integer) as steps_done,             -- Steps done within the window.
    cast(range(1, steps_done + 1) as integer[]) as levels,    -- Those steps, in order.
    times,                                                 -- Time of each, UTC; the grace may let one be earlier than the one before.
    case when is_converted then 'converted' when window_ends_at < as_of then 'lost' else 'open' end as outcome,    -- converted: every step is done; open: the time for the next one is not over; lost.
    case when is_converted then list_max(times) else window_ends_at end as ended_at,    -- When it was converted, or its time is over.
    window_ends_at,                                        -- Until when its steps count.
    is_complete                                            -- That lies before the end of the data, so that no later file changes it.
from told
