-- One row per visit to the site or app.
-- grain: session_id
with

events as (
    -- Time and a part of the id in one number: equal times are told apart the same way every night.
    select
        session_id, source_system, customer_id, occurred_at, page_path, interaction, device_category, country,
        is_machine, is_test,
        cast(epoch_us(occurred_at) as hugeint) * 4294967296 + hash(touchpoint_id) % 4294967296 as place
    from core.touchpoints
    where session_id is not null
),

visits as (
    select
        session_id,
        min(source_system) as source_system,
        arg_min(customer_id, place) as customer_id,
        min(occurred_at) as started_at,
        max(occurred_at) as ended_at,
        arg_min(page_path, place) as landing_page,
        arg_max(page_path, place) as exit_page,
        arg_max(interaction, place) filter (where interaction <> 'other') as last_interaction,
        min(device_category) as device_category,
        min(country) as country,
        count(*) as count_events,
        count(*) filter (where interaction = 'page_view') as count_page_views,
        bool_or(is_machine) as is_machine,
        bool_or(is_test) as is_test
    from events
    group by session_id
),

silent as (select session_id, silent_kind from core.session_sources where silent_kind is not null)

select
    visits.session_id,                                     -- Id of the visit, made from the source's own where it has one.
    visits.source_system,                                  -- System that saw it.
    visits.customer_id,                                    -- Customer of its first event that has one; null when unknown.
    visits.started_at,                                     -- First event, UTC.
    visits.ended_at,                                       -- Last event, UTC.
    coalesce(channels.channel, 'Direct') as channel,       -- Channel it began under.
    coalesce(stretches.source, '(direct)') as source,      -- Source it began under; (direct) when nothing led to it.
    coalesce(stretches.medium, '(none)') as medium,        -- Medium it began under; (none) when nothing led to it.
    coalesce(stretches.campaign, '') as campaign,          -- Campaign it began under; empty when there is none.
    case when stretches.session_id is null then silent.silent_kind end as silent_kind,    -- Kind of the silent referrer (own, payment, bank, login, webmail) when nothing else led to it; else null.
    visits.landing_page,                                   -- First page.
    visits.exit_page,                                      -- Last page.
    visits.last_interaction,                               -- Last thing done; null when nothing we have a word for.
    visits.device_category,                                -- Device.
    visits.country,                                        -- Country as the source wrote it.
    visits.count_events,                                   -- Events in it.
    visits.count_page_views,                               -- Pages seen.
    visits.is_machine,                                     -- A machine made at least one event.
    visits.is_test                                         -- The business itself made at least one event.
from visits
left join core.session_sources as stretches
    on stretches.session_id = visits.session_id and stretches.valid_from = timestamp '0001-01-01'
left join silent on silent.session_id = visits.session_id
left join core.channels as channels
    on channels.source_system = stretches.source_system
    and channels.source = stretches.source
    and channels.medium = stretches.medium
    and channels.campaign = stretches.campaign
