-- One row per visit: the parts of its events' lines that are the same for all of them.
with

tagged as (
    select
        v.*,
        t.source, t.medium, t.form, t.referrer,
        coalesce(nullif(t.campaign, ''), case when t.channel = 'Email' then v.issue end, '') as campaign,
        s.source as source_2, s.medium as medium_2, s.form as form_2, s.referrer as referrer_2, s.campaign as campaign_2,
        f.source as first_source, f.medium as first_medium, f.campaign as first_campaign,
        p.slug, q.slug as slug_2, p.item_text, q.item_text as item_text_2,
        'EAIaIQobChMI' || left(md5(v.client_number || '.' || v.started_at), 22) as gclid
    from chunk_visits as v
    join tags as t on t.tag = v.tag
    left join tags as s on s.tag = v.second_tag
    join tags as f on f.tag = v.first_tag
    join products as p on p.product = v.product
    join products as q on q.product = v.product_2
),

urls as (
    select
        *,
        'https://shop.example.com' || case when landing = '' then '/products/' || slug else landing end as page,
        landing_query(form, source, medium, campaign, gclid) as query,
        landing_query(form_2, source_2, medium_2, campaign_2, gclid) as query_2
    from tagged
)

select
    visit,
    person,
    page || query as landing_url,
    page || query_2 as again_url,
    'https://shop.example.com/products/' || slug as product_url,
    'https://shop.example.com/products/' || slug_2 as product_url_2,
    'https://shop.example.com/collections/' || collection as collection_url,
    item_text,
    item_text_2,
    case when has_ids then int_param('ga_session_id', started_at) || ',' || int_param('ga_session_number', session_number) || ',' else '' end as session_params,
    case when has_ids then ',"user_id":"' || user_id_of(person) || '"' else '' end as user_text,
    source_params(form, source, medium, campaign, referrer, gclid) as landing_params,
    source_params(form_2, source_2, medium_2, campaign_2, referrer_2, gclid) as again_params,
    collected(form, source, medium, campaign, gclid) as landing_collected,
    collected(form_2, source_2, medium_2, campaign_2, gclid) as again_collected,
    case when has_ids
        then ',"user_pseudo_id":"' || client_number || '.' || first_seen_at || '","user_first_touch_timestamp":"' || first_seen_at || '000000"'
        else '' end
    || case when has_ids
        then ',"privacy_info":{"analytics_storage":"Yes","ads_storage":"Yes"}'
        else ',"privacy_info":{"analytics_storage":"No","ads_storage":"No","uses_transient_token":"Yes"}' end
    || devices.device_text || regions.region_text
    || case when has_ids and first_source <> ''
        then ',"traffic_source":{"name":"' || coalesce(nullif(first_campaign, ''), '(not set)') || '","medium":"' || first_medium || '","source":"' || first_source || '"}'
        else '' end
    || case when second_tag < 0 and has_ids then last_click(form, source, medium, campaign, lucky) else '' end
    || ',"stream_id":"4711000001","platform":"WEB","is_active_user":' || case when lucky % 3 = 0 then 'false' else 'true' end as tail
from urls
join devices on devices.device = urls.device
join regions on regions.region = urls.region
