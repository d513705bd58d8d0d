-- One row per touch of somebody who has bought that only one of two rules for the end of a visit knows.
-- Beside the rule in force stands Matomo's, or where that or an own one is in force, GA4's. Matomo's midnight begins
-- another visit; GA4 takes what goes on within the idle time without another source for the same visit.
-- grain: touch_id
with

settings as (select * from config.settings),

visits as (
    select
        sessions.session_id, sessions.customer_id, sessions.source_system, sessions.started_at, sessions.ended_at,
        concat_ws(chr(31), sessions.source, sessions.medium, sessions.campaign) as brought_by,
        min(readings.touch_id) as of_touch_id,
        min(touches.tie_rank) as tie_rank
    from core.touch_readings as readings
    join core.touches as touches using (touch_id)
    join core.sessions as sessions using (session_id)
    group by all
),

overnight as (
    select visits.*
    from visits
    cross join settings
    where settings.session_preset = 'ga4'
        and cast(timezone(settings.reporting_zone, timezone('UTC', visits.started_at)) as date)
            < cast(timezone(settings.reporting_zone, timezone('UTC', visits.ended_at)) as date)
),

after_midnight as (
    select
        overnight.session_id, overnight.of_touch_id, overnight.tie_rank,
        cast(timezone(settings.reporting_zone, timezone('UTC', points.occurred_at)) as date) as local_day,
        min(points.occurred_at) as occurred_at
    from overnight
    join core.touchpoints as points using (session_id)
    cross join settings
    where cast(timezone(settings.reporting_zone, timezone('UTC', points.occurred_at)) as date)
        > cast(timezone(settings.reporting_zone, timezone('UTC', overnight.started_at)) as date)
    group by all
),

added as (
    -- The part after midnight goes on under the source before it only when that is named again; without any it is
    -- Direct. A source that comes up after midnight has a touch of its own under either rule.
    select
        after_midnight.session_id, after_midnight.of_touch_id, after_midnight.tie_rank, after_midnight.occurred_at,
        arg_max(channels.channel, stretches.valid_from) filter (
            where stretches.valid_from < after_midnight.occurred_at and stretches.last_at >= after_midnight.occurred_at) as channel,
        bool_or(stretches.valid_from >= after_midnight.occurred_at) as has_own
    from after_midnight
    left join core.session_sources as stretches
        on stretches.session_id = after_midnight.session_id and stretches.silent_kind is null
    left join core.channels as channels using (source_system, source, medium, campaign)
    group by all
    having channel is not null or not coalesce(has_own, false)
),

followed as (
    select
        *,
        lag(ended_at) over in_order as previous_ended_at,
        lag(brought_by) over in_order as previous_brought_by
    from visits
    window in_order as (partition by customer_id, source_system order by started_at, session_id)
),

dropped as (
    select touches.*
    from core.touches as touches
    join followed using (session_id)
    cross join settings
    where settings.session_preset <> 'ga4'
        and (touches.source = '(direct)'
            or concat_ws(chr(31), touches.source, touches.medium, touches.campaign) = followed.previous_brought_by)
        and followed.started_at <= followed.previous_ended_at + settings.session_timeout_minutes * interval 1 minute
),

together as (
    select
        hash('midnight', session_id, occurred_at) as touch_id, of_touch_id, occurred_at, tie_rank,
        coalesce(channel, 'Direct') as channel, true as is_added
    from added
    union all
    select touch_id, touch_id, occurred_at, tie_rank, channel, false from dropped
)

select
    together.touch_id,                                     -- Id of the touch; of one that is dropped, in core.touches.
    together.of_touch_id,                                  -- A touch of the same visit, whose person is the same in every reading.
    together.occurred_at,                                  -- When it begins, UTC.
    together.tie_rank,                                     -- Place among touches of the same time.
    together.channel,                                      -- Channel; Direct when nothing of its own led to it.
    codes.channel_code,                                    -- Its number in core.channel_codes.
    together.is_added                                      -- The other rule alone has it; false: the rule in force alone.
from together
left join core.channel_codes as codes on codes.channel = together.channel
