-- One row per touch: a visit under one source, or a contact of its own, that can earn credit.
-- grain: touch_id
with

settings as (select * from config.settings),

stretches as (
    select
        sessions.session_id,
        sessions.customer_id,
        greatest(coalesce(stretches.valid_from, sessions.started_at), sessions.started_at) as occurred_at,
        coalesce(channels.channel, sessions.channel) as channel,
        coalesce(stretches.source, '(direct)') as source,
        coalesce(stretches.medium, '(none)') as medium,
        coalesce(stretches.campaign, '') as campaign,
        coalesce(stretches.content, '') as content,
        sessions.source_system,
        coalesce(sessions.last_interaction, 'page_view') as interaction
    from core.sessions as sessions
    left join (select * from core.session_sources where silent_kind is null) as stretches using (session_id)
    left join core.channels as channels
        on channels.source_system = stretches.source_system
        and channels.source = stretches.source
        and channels.medium = stretches.medium
        and channels.campaign = stretches.campaign
    cross join settings
    where sessions.customer_id is not null and not sessions.is_machine and not sessions.is_test
        -- Coming back from the payment page is the visit that went there, whichever row the export gives first.
        and (sessions.silent_kind is null or not exists (
            select 1 from core.sessions as others
            where others.customer_id = sessions.customer_id and others.silent_kind is null
                and others.ended_at >= sessions.started_at - settings.session_timeout_minutes * interval 1 minute
                and others.started_at <= sessions.ended_at + settings.session_timeout_minutes * interval 1 minute
        ))
),

own as (
    select
        points.touchpoint_id, points.customer_id, points.occurred_at, points.channel, points.source, points.medium,
        points.campaign, points.content, points.source_system, points.interaction, interactions.lookback_days,
        lag(points.occurred_at) over (
            partition by points.customer_id, points.interaction, points.channel
            order by points.occurred_at, points.touchpoint_id
        ) as previous_at
    from core.touchpoints as points
    join config.interactions as interactions on interactions.interaction = points.interaction
    where interactions.touch = 'own' and points.customer_id is not null and not points.is_machine and not points.is_test
),

alone as (
    -- The click that brought a visit is that visit; a second click within the idle time is the first one again.
    select own.*
    from own
    cross join settings
    where (own.previous_at is null or own.occurred_at > own.previous_at + settings.session_timeout_minutes * interval 1 minute)
        and not exists (
            select 1 from stretches
            where stretches.customer_id = own.customer_id
                and stretches.channel = own.channel
                and stretches.occurred_at >= own.occurred_at - settings.session_timeout_minutes * interval 1 minute
                and stretches.occurred_at <= own.occurred_at + settings.session_timeout_minutes * interval 1 minute
        )
),

together as (
    select
        hash('visit', session_id, occurred_at) as touch_id, customer_id, occurred_at, channel, source, medium, campaign, content,
        source_system, interaction, session_id, cast(null as uuid) as touchpoint_id, cast(null as integer) as lookback_days
    from stretches
    union all
    select
        hash('own', touchpoint_id) as touch_id, customer_id, occurred_at, channel, source, medium, campaign, coalesce(content, '') as content,
        source_system, interaction, null, touchpoint_id, lookback_days
    from alone
),

ranks as (
    select systems.source_system, row_number() over (order by coalesce(priority, 1000), systems.source_system) as place
    from (select distinct source_system from together) as systems
    left join config.source_priority as listed on listed.source_system = systems.source_system
)

select
    together.touch_id,                                         -- Id of the touch.
    together.customer_id,                                      -- Customer who was touched.
    together.occurred_at,                                      -- When it began, UTC.
    codes.channel_code,                                    -- Number of the channel in core.channel_codes.
    together.channel,                                          -- Channel.
    together.source,                                           -- Source; empty when there is none.
    together.medium,                                           -- Medium; empty when there is none.
    together.campaign,                                         -- Campaign; empty when there is none.
    together.content,                                          -- Ad or link variant; empty when there is none.
    together.source_system,                                    -- System that saw it.
    together.interaction,                                      -- What happened; of a visit, the last thing done.
    together.session_id,                                       -- The visit; null for a contact of its own.
    together.touchpoint_id,                                    -- The contact; null for a visit.
    cast(coalesce(stages.stage_index, 0) * 1000 + coalesce(ranks.place, 0) as integer) as tie_rank,    -- Place among touches of the same time: by stage, then by journeys.source_priority.
    together.lookback_days                                     -- Days after which this kind of touch earns no credit; null for the general ones.
from together
join core.channel_codes as codes on codes.channel = together.channel
left join ranks on ranks.source_system = together.source_system
left join config.interactions as interactions on interactions.interaction = together.interaction
left join config.stages as stages on stages.stage = interactions.stage
