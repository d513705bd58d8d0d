-- One row per accepted event: who, when, through which channel, at which stage, for how much.
-- grain: touchpoint_id
with

events as (
    -- Within a visit the visit's source holds, so that a payment page's return stays part of it.
    select
        events.* exclude (session_id, source, medium, campaign),
        coalesce(ruled.session_id, events.session_id) as visit_id,
        case when repaired.event_id is null then events.source else repaired.source end as own_source,
        case when repaired.event_id is null then events.medium else repaired.medium end as own_medium,
        case when repaired.event_id is null then events.campaign else repaired.campaign end as own_campaign,
        coalesce(stretches.source, case when visit_id is null then own_source end, '') as source,
        coalesce(stretches.medium, case when visit_id is null then own_medium end, '') as medium,
        coalesce(stretches.campaign, case when visit_id is null then own_campaign end, '') as campaign
    from validated.events as events
    left join core.rule_sessions as ruled on ruled.event_id = events.event_id
    left join (select event_id, source, medium, campaign from core.click_ids where is_repaired) as repaired
        on repaired.event_id = events.event_id
    left join core.session_sources as stretches
        on stretches.session_id = coalesce(ruled.session_id, events.session_id)
        and events.occurred_at >= stretches.valid_from
        and events.occurred_at < stretches.valid_until
),

keys as (select * from identity.keys)

select
    events.event_id as touchpoint_id,                      -- Id of the event; the same in every export of it.
    coalesce(
        users.customer_id, people.customer_id, cards.customer_id, mails.customer_id, phones.customer_id,
        periods.customer_id, clients.customer_id
    ) as customer_id,                                      -- Customer by the strongest identifier of the row, on a shared device the one known on it nearest in time; null when it has none.
    events.occurred_at,                                    -- When it happened, UTC.
    events.time_precision,                                 -- How exact the source's clock is.
    events.time_note,                                      -- How daylight saving was dealt with; null where the time is plain.
    events.source_system,                                  -- System it was exported from.
    events.interaction,                                    -- What happened, in our words.
    events.event_name,                                     -- What happened, in the source's words.
    coalesce(matches.stage, interactions.stage) as stage,  -- Stage the event is evidence of; null when it is of none.
    coalesce(channels.channel, 'Direct') as channel,       -- Channel of the visit or message.
    coalesce(channels.channel_rule, 'no source is known') as channel_rule,    -- Rule that named the channel.
    events.source,                                         -- Source of the visit; empty when there is none.
    events.medium,                                         -- Medium of the visit; empty when there is none.
    events.campaign,                                       -- Campaign of the visit; empty when there is none.
    events.campaign_id,                                    -- The platform's id of the campaign or message.
    events.content,                                        -- Ad or link variant.
    events.term,                                           -- Search term.
    events.visit_id as session_id,                         -- Visit it belongs to; null outside visits.
    events.page_url,                                       -- Page it happened on.
    events.page_path,                                      -- Path of that page.
    events.referrer,                                       -- Page before.
    events.product_ref,                                    -- Product it is about.
    events.order_ref,                                      -- Order number it carries.
    events.amount,                                         -- Money in its own currency; negative for money given back.
    events.currency,                                       -- Currency of the amount.
    cast(round(events.amount * rates.rate, 4) as decimal(18, 4)) as amount_reporting,    -- The amount in the reporting currency.
    events.duration_seconds,                               -- Length of a call, visit or meeting.
    events.device_category,                                -- desktop, mobile, tablet, …
    events.country,                                        -- Country as the source wrote it.
    events.region,                                         -- State or region as the source wrote it.
    events.location_ref,                                   -- Store or branch.
    events.agent_ref,                                      -- Member of staff.
    events.experiment,                                     -- Experiment the person was in.
    events.variant,                                        -- Arm of the experiment.
    events.is_machine or scanners.event_id is not null as is_machine,    -- A machine did this: kept, and left out of journeys.
    coalesce(events.machine_reason, scanners.reason) as machine_reason,    -- Why it is taken for a machine.
    events.is_test or internal.event_id is not null as is_test,    -- The business itself did this, as a test, by its staff or on a copy of its site: kept, and left out of journeys.
    coalesce(internal.reason, case when events.is_test then 'the source says that it is a test' end) as test_reason,    -- Why it is taken for the business itself.
    events.detail,                                         -- Anything else the source said, as JSON.
    events.file_id,                                        -- File it was read from; see ops.files.
    events.line_number                                     -- Line of that file.
from events
left join core.machine_clicks as scanners on scanners.event_id = events.event_id
left join core.internal_events as internal on internal.event_id = events.event_id
left join keys as users on users.kind = 'user_id' and users.written = events.user_id
left join keys as people
    on people.kind = 'person_key' and people.written = events.source_system || ' ' || events.person_key
left join keys as cards on cards.kind = 'loyalty_id' and cards.written = events.loyalty_id
left join keys as mails on mails.kind = 'email' and mails.written = events.email
left join keys as phones on phones.kind = 'phone' and phones.written = events.phone
left join keys as clients on clients.kind = 'client_id' and clients.written = events.client_id
left join identity.device_periods as periods
    on periods.client_id = events.client_id
    and events.occurred_at >= periods.valid_from
    and events.occurred_at < periods.valid_until
left join core.channels as channels
    on channels.source_system = events.source_system
    and channels.source = events.source
    and channels.medium = events.medium
    and channels.campaign = events.campaign
left join config.interactions as interactions on interactions.interaction = events.interaction
left join core.stage_matches as matches
    on matches.source_system = events.source_system
    and matches.interaction = events.interaction
    and matches.event_name = events.event_name
    and matches.page_path = coalesce(events.page_path, '')
left join core.exchange_rates as rates on rates.currency = events.currency and rates.day = cast(events.occurred_at as date)
