-- One row per click on a link of a campaign.
with

clicks as (
    select
        *,
        nullif(regexp_extract("Url", '(?i)[?&]utm_source=([^&#]*)', 1), '') as source_text,
        nullif(regexp_extract("Url", '(?i)[?&]utm_medium=([^&#]*)', 1), '') as medium_text,
        nullif(regexp_extract("Url", '(?i)[?&]utm_campaign=([^&#]*)', 1), '') as campaign_text,
        nullif(regexp_extract("Url", '(?i)[?&]utm_content=([^&#]*)', 1), '') as content_text,
        nullif(regexp_extract("Url", '(?i)[?&]utm_term=([^&#]*)', 1), '') as term_text,
        coalesce(file_fields ->> 'campaign', regexp_extract(file_name, '([^/!]+?)(\.csv)?(\.gz)?$', 1)) as file_campaign
    from raw.mailchimp__granular_clicks
)

select
    row_key as event_id,
    file_id,
    line_number,
    row_key,
    utc_text("Timestamp", file_zone) as occurred_at,
    'click' as event_name,
    coalesce(names.interaction, 'email_click') as interaction,
    "Email" as email,
    -- A link may hold bytes that are no UTF-8; it then stays as it was written.
    coalesce(try(url_decode(replace(source_text, '+', ' '))), source_text, 'mailchimp') as source,
    coalesce(try(url_decode(replace(medium_text, '+', ' '))), medium_text, 'email') as medium,
    coalesce(try(url_decode(replace(campaign_text, '+', ' '))), campaign_text, file_campaign) as campaign,
    nullif(file_fields ->> 'campaign_key', file_fields ->> 'campaign') as campaign_id,
    coalesce(try(url_decode(replace(content_text, '+', ' '))), content_text) as content,
    coalesce(try(url_decode(replace(term_text, '+', ' '))), term_text) as term,
    case when "Url" ilike 'http%' then "Url" end as page_url,
    case when "Url" not ilike 'http%' then to_json({'link': "Url"})::varchar end as detail
from clicks
left join config.event_names as names on names.source_system = 'mailchimp' and names.event_name = 'click'
