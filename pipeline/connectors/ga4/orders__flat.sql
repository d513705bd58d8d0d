-- One row per purchase of a flattened query result.
select
    file_id,
    line_number,
    row_key,
    coalesce(nullif(transaction_id, '(not set)'), 'event ' || row_key::varchar) as order_ref,
    case when transaction_id <> '(not set)' then [transaction_id] end as alt_order_refs,
    case
        when regexp_full_match(event_timestamp, '\d{15,17}') then make_timestamp(event_timestamp::bigint)::varchar
        else utc_text(event_timestamp, file_zone)
    end as ordered_at,
    'paid' as status,
    money_text(coalesce(purchase_revenue, '0'), file_decimal_mark) as gross,
    money_text(tax_value, file_decimal_mark) as tax,
    money_text(shipping_value, file_decimal_mark) as shipping,
    coalesce(param_currency, file_currency) as currency,
    user_pseudo_id as client_id,
    user_id,
    'web' as sale_channel
from raw.ga4__events_flat
where event_name = 'purchase'
