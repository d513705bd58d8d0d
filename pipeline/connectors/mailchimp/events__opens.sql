-- One row per open of a campaign.
select
    row_key as event_id,
    file_id,
    line_number,
    row_key,
    utc_text("Timestamp", file_zone) as occurred_at,
    'open' as event_name,
    coalesce(names.interaction, 'email_open') as interaction,
    "Email" as email,
    'mailchimp' as source,
    'email' as medium,
    coalesce(file_fields ->> 'campaign', regexp_extract(file_name, '([^/!]+?)(\.csv)?(\.gz)?$', 1)) as campaign,
    nullif(file_fields ->> 'campaign_key', file_fields ->> 'campaign') as campaign_id
from raw.mailchimp__granular_opens
left join config.event_names as names on names.source_system = 'mailchimp' and names.event_name = 'open'
