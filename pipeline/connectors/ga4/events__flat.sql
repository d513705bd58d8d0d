-- One row per event of a flattened query result.
select
    row_key as event_id,
    file_id,
    line_number,
    row_key,
    case
        when regexp_full_match(event_timestamp, '\d{15,17}') then make_timestamp(event_timestamp::bigint)::varchar
        else utc_text(event_timestamp, file_zone)
    end as occurred_at,
    case when regexp_full_match(event_timestamp, '\d{15,17}') then 'microsecond' else 'second' end as time_precision,
    flat.event_name,
    coalesce(event_names.interaction, 'other') as interaction,
    user_pseudo_id as client_id,
    user_id,
    user_pseudo_id || '.' || ga_session_id as session_key,
    param_source as source,
    param_medium as medium,
    param_campaign as campaign,
    param_content as content,
    param_term as term,
    page_referrer as referrer,
    page_location as page_url,
    case when param_gclid is not null then 'gclid' end as click_id_kind,
    param_gclid as click_id,
    transaction_id as order_ref,
    case flat.event_name
        when 'purchase' then money_text(purchase_revenue, file_decimal_mark)
        when 'refund' then '-' || money_text(refund_value, file_decimal_mark)
    end as amount,
    case when flat.event_name in ('purchase', 'refund') then coalesce(param_currency, file_currency) end as currency,
    device_category,
    country,
    region,
    extra as detail
from raw.ga4__events_flat as flat
left join config.event_names as event_names
    on event_names.source_system = 'ga4' and event_names.event_name = flat.event_name
