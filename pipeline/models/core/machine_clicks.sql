-- One row per click on a message that a machine is taken to have made, a scanner or a prefetch, with what speaks for it.
-- grain: event_id
with

settings as (select * from config.settings),

messages as (
    select
        event_id, source_system, interaction, occurred_at, email, person_key, time_precision,
        coalesce(lower(email), person_key, phone) as recipient,
        coalesce(campaign_id, campaign, '') as message,
        coalesce(page_url, detail ->> 'link', '') as link
    from validated.events
    where interaction in ('email_sent', 'email_click', 'sms_sent', 'sms_click')
),

clicks as (
    -- A clock of whole minutes cannot tell what is quick.
    select
        *,
        min(link) over close_by <> max(link) over close_by as is_one_of_several
    from messages
    where interaction in ('email_click', 'sms_click') and recipient is not null
        and time_precision in ('second', 'microsecond')
    window close_by as (
        partition by source_system, recipient, message order by occurred_at
        range between interval 1 second preceding and interval 1 second following)
),

quick as (
    select clicks.event_id, clicks.source_system, clicks.email, clicks.person_key, clicks.occurred_at
    from clicks
    join messages as sent
        on sent.interaction in ('email_sent', 'sms_sent') and sent.time_precision in ('second', 'microsecond')
        and sent.source_system = clicks.source_system and sent.recipient = clicks.recipient and sent.message = clicks.message
    cross join settings
    where clicks.occurred_at >= sent.occurred_at
        and clicks.occurred_at <= sent.occurred_at + settings.scanner_seconds * interval 1 second
    group by all
),

keys as (select * from identity.keys),

clickers as (
    select quick.event_id, quick.occurred_at, coalesce(mails.customer_id, people.customer_id) as customer_id
    from quick
    left join keys as mails on mails.kind = 'email' and mails.written = quick.email
    left join keys as people
        on people.kind = 'person_key' and people.written = quick.source_system || ' ' || quick.person_key
),

browsers as (
    select clickers.event_id, clickers.occurred_at, keys.kind, keys.written
    from clickers
    join keys on keys.customer_id = clickers.customer_id and keys.kind in ('client_id', 'user_id', 'email')
),

pages as (
    select
        unnest([
            {'kind': 'client_id', 'written': client_id},
            {'kind': 'user_id', 'written': user_id},
            {'kind': 'email', 'written': email}
        ]) as who, occurred_at
    from validated.events
    where interaction in (select interaction from config.interactions where touch = 'visit')
        and (client_id in (select written from browsers where kind = 'client_id')
            or user_id in (select written from browsers where kind = 'user_id')
            or email in (select written from browsers where kind = 'email'))
),

followed as (
    select distinct browsers.event_id
    from browsers
    join pages on pages.who.kind = browsers.kind and pages.who.written = browsers.written
    cross join settings
    where pages.occurred_at >= browsers.occurred_at
        and pages.occurred_at <= browsers.occurred_at + settings.page_view_minutes * interval 1 minute
),

scored as (
    select
        clicks.event_id,
        clicks.is_one_of_several,
        quick.event_id is not null as is_quick,
        quick.event_id is not null and followed.event_id is null as is_without_page
    from clicks
    left join quick on quick.event_id = clicks.event_id
    left join followed on followed.event_id = clicks.event_id
    where clicks.is_one_of_several or quick.event_id is not null
)

select
    event_id,                                              -- The click.
    2 * is_one_of_several::integer + is_quick::integer + is_without_page::integer as score,    -- 2 for several links within a second, 1 for quickness, 1 when no page was seen after; 2 and more are here.
    concat_ws('; ',
        case when is_one_of_several then 'several links of the message within a second' end,
        case when is_quick then 'within ' || scanner_seconds || ' seconds of delivery' end,
        case when is_without_page then 'no page seen in the ' || page_view_minutes || ' minutes after' end
    ) as reason                                            -- What speaks for a machine.
from scored
cross join settings
where 2 * is_one_of_several::integer + is_quick::integer + is_without_page::integer >= 2
