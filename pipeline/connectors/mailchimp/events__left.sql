-- One row per recipient whom a campaign did not reach or made leave.
with

sendings as (
    -- A title that was sent more than once does not say when.
    select title_letters, min(sent_at) as sent_at, min("Title") as title
    from raw.mailchimp__campaigns
    group by title_letters
    having count(distinct sent_at) = 1
),

recipients as (
    select
        file_id, line_number, row_key, file_name, file_zone, file_fields, "Email Address" as address, 'bounce' as name,
        "Bounce Time" as said_at, "Bounce Type" as reason
    from raw.mailchimp__aggregate_bounces
    union all
    select
        file_id, line_number, row_key, file_name, file_zone, file_fields, "Email Address", 'unsubscribe',
        "UNSUB_TIME", coalesce("UNSUB_REASON_OTHER", "UNSUB_REASON")
    from raw.mailchimp__aggregate_unsubscribes
),

dated as (
    select recipients.*, sendings.sent_at, file_fields ->> 'campaign' as campaign
    from recipients
    left join sendings
        on sendings.title_letters = lower(regexp_replace(recipients.file_fields ->> 'campaign', '[^\pL\pN]', '', 'g'))
)

select
    event_of(row_key, name) as event_id,
    file_id,
    line_number,
    row_key,
    case
        when coalesce(said_at, sent_at) is null
        then 'no time: campaigns.csv does not say when ' || coalesce(campaign, file_name) || ' was sent'
        else utc_text(coalesce(said_at, sent_at), file_zone)
    end as occurred_at,
    case when said_at is null then 'minute' else 'second' end as time_precision,
    name as event_name,
    coalesce(names.interaction, 'other') as interaction,
    address as email,
    'mailchimp' as source,
    'email' as medium,
    campaign,
    nullif(file_fields ->> 'campaign_key', campaign) as campaign_id,
    case when reason is not null then to_json({'reason': reason})::varchar end as detail
from dated
left join config.event_names as names on names.source_system = 'mailchimp' and names.event_name = dated.name
