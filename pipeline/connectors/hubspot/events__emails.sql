-- One row per event of a marketing e-mail.
with

subjects as (
    -- Opens and clicks carry no subject. A subject that differs by recipient may hold their names, so it names no campaign.
    select campaign_id, min(subject) as subject
    from raw.hubspot__email_events
    where campaign_id is not null and subject is not null
    group by campaign_id
    having count(distinct subject) = 1
),

events as (
    select
        events.*,
        subjects.subject as campaign_subject,
        type = 'STATUSCHANGE' and coalesce(upper(portal_status), regexp_extract(upper(subscriptions), '"STATUS" *: *"([A-Z_]+)"', 1)) = 'SUBSCRIBED'
            as is_subscribing
    from raw.hubspot__email_events as events
    left join subjects using (campaign_id)
)

select
    row_key as event_id,
    file_id,
    line_number,
    row_key,
    -- A day would cast without complaint, and more than 14 digits stop the night in the function for milliseconds.
    coalesce(
        utc_text_of_millis(case when regexp_full_match(created, '\d{1,14}') then created end),
        created || ' (milliseconds expected)') as occurred_at,
    -- Without its id an event cannot be told from another of the same millisecond.
    case when id is not null then type end as event_name,
    case
        -- A later event stands for this one.
        when obsoleted_by_id is not null then 'other'
        when is_subscribing then 'other'
        else coalesce(event_names.interaction, 'other')
    end as interaction,
    recipient as email,
    coalesce(url_parameter(url, 'utm_source'), 'hubspot') as source,
    coalesce(url_parameter(url, 'utm_medium'), 'email') as medium,
    coalesce(url_parameter(url, 'utm_campaign'), campaign_subject, campaign_id) as campaign,
    campaign_id,
    url_parameter(url, 'utm_content') as content,
    url_parameter(url, 'utm_term') as term,
    referer as referrer,
    url as page_url,
    case lower(device_type) when 'computer' then 'desktop' when 'unknown' then null else lower(device_type) end as device_category,
    country,
    region,
    coalesce(lower(is_filtered) = 'true', false) as is_machine,
    case when lower(is_filtered) = 'true' then 'filteredEvent: HubSpot takes it for a machine or for the business itself' end as machine_reason,
    nullif(json_merge_patch('{}', json_object(
        'obsoleted_by', obsoleted_by_id,
        'campaign_group', campaign_group_id,
        'app', app_name,
        'subject', subject,
        'sent_by', sent_by_id,
        'seconds_open', try_cast(duration as double) / 1000,
        'drop_reason', drop_reason,
        'drop_message', drop_message,
        'response', response,
        'attempt', attempt,
        'category', category,
        'status', status,
        'subscription', portal_status,
        'requested_by', requested_by
    ))::varchar, '{}') as detail
from events
left join config.event_names as event_names
    on event_names.source_system = 'hubspot' and event_names.event_name = type
