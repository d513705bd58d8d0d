-- One row per open, click or bounce of the Marketing API.
with

titles as (
    select "Unique Id" as campaign_id, min("Title") as title
    from raw.mailchimp__campaigns
    where "Unique Id" is not null
    group by "Unique Id"
),

activity as (
    select
        a.*,
        titles.title,
        nullif(regexp_extract(url, '(?i)[?&]utm_source=([^&#]*)', 1), '') as source_text,
        nullif(regexp_extract(url, '(?i)[?&]utm_medium=([^&#]*)', 1), '') as medium_text,
        nullif(regexp_extract(url, '(?i)[?&]utm_campaign=([^&#]*)', 1), '') as campaign_text
    from raw.mailchimp__email_activity as a
    left join titles using (campaign_id)
)

select
    row_key as event_id,
    file_id,
    line_number,
    row_key,
    utc_text("timestamp", 'UTC') as occurred_at,
    action as event_name,
    coalesce(names.interaction, 'other') as interaction,
    email_address as email,
    coalesce(try(url_decode(replace(source_text, '+', ' '))), source_text, 'mailchimp') as source,
    coalesce(try(url_decode(replace(medium_text, '+', ' '))), medium_text, 'email') as medium,
    coalesce(try(url_decode(replace(campaign_text, '+', ' '))), campaign_text, title) as campaign,
    activity.campaign_id as campaign_id,
    url as page_url,
    json_merge_patch('{}', to_json({'list_id': list_id, 'type': type}))::varchar as detail
from activity
left join config.event_names as names on names.source_system = 'mailchimp' and names.event_name = activity.action
