-- One row per event of the BigQuery export, closed days and the open one.
with

rows as (
    select * from raw.ga4__events
    union all by name
    select * from raw.ga4__events_intraday
),

named as (
    select
        rows.*,
        coalesce(
            case when session_source is not null then session_source end,
            case when ads_campaign is not null then 'google' end,
            collected_source,
            param_source
        ) as traffic_source,
        case
            when session_source is not null then session_medium
            when ads_campaign is not null then 'cpc'
            when collected_source is not null then collected_medium
            else param_medium
        end as traffic_medium,
        case
            when session_source is not null then coalesce(session_campaign, ads_campaign)
            when ads_campaign is not null then ads_campaign
            when collected_source is not null then collected_campaign
            else param_campaign
        end as traffic_campaign,
        coalesce(transaction_id, param_transaction_id) as order_number,
        rows.event_name in ('add_to_cart', 'view_cart', 'begin_checkout', 'add_shipping_info', 'add_payment_info') as is_cart,
        case when is_cart and json_valid(items) then json_extract_string(items, '$[*].item_id') end as products,
        -- What a cart is worth is told where its currency is one, so that a wrong one never costs the row.
        case
            when is_cart and currencies.currency is not null
                then coalesce(
                    try_cast(param_value as decimal(18, 4)),
                    list_sum([
                        try_cast(part->>'price' as decimal(18, 4)) * coalesce(try_cast(part->>'quantity' as decimal(18, 4)), 1)
                        for part in json_extract(items, '$[*]') if json_valid(items)]))
        end as cart_value
    from rows
    left join config.currencies as currencies on currencies.currency = coalesce(rows.param_currency, rows.file_currency)
)

select
    row_key as event_id,
    file_id,
    line_number,
    row_key,
    make_timestamp(try_cast(event_timestamp as bigint)) as occurred_at,
    'microsecond' as time_precision,
    named.event_name,
    coalesce(event_names.interaction, 'other') as interaction,
    user_pseudo_id as client_id,
    user_id,
    user_pseudo_id || '.' || ga_session_id as session_key,
    nullif(nullif(traffic_source, '(data deleted)'), '<Other>') as source,
    nullif(nullif(traffic_medium, '(data deleted)'), '<Other>') as medium,
    nullif(nullif(nullif(nullif(nullif(traffic_campaign, '(data deleted)'), '(not set)'), '(direct)'), '(organic)'), '(referral)') as campaign,
    coalesce(collected_campaign_id, ads_campaign_id) as campaign_id,
    coalesce(collected_content, param_content) as content,
    coalesce(collected_term, param_term) as term,
    page_referrer as referrer,
    page_location as page_url,
    page_path,
    case when coalesce(collected_gclid, param_gclid) is not null then 'gclid' end as click_id_kind,
    coalesce(collected_gclid, param_gclid) as click_id,
    case when order_number <> '(not set)' then order_number end as order_ref,
    case
        when named.event_name = 'purchase' then money_text(coalesce(purchase_revenue, purchase_revenue_in_usd, param_value), '.')
        when is_cart then cart_value::varchar
        when named.event_name = 'refund' then '-' || money_text(coalesce(refund_value, refund_value_in_usd, param_value), '.')
    end as amount,
    case
        when named.event_name in ('purchase', 'refund') then
            case
                when coalesce(purchase_revenue, refund_value, param_value) is null then 'USD'
                else coalesce(param_currency, file_currency)
            end
        when cart_value is not null then coalesce(param_currency, file_currency)
    end as currency,
    case when len(products) = 1 then products[1] end as product_ref,
    device_category,
    country,
    region,
    case
        when len(products) > 1 then json_merge_patch(coalesce(extra, '{}'), json_object('products', products))::varchar
        else extra
    end as detail
from named
left join config.event_names as event_names
    on event_names.source_system = 'ga4' and event_names.event_name = named.event_name
