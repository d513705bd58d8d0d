-- One row per refund of a flattened query result.
select
    file_id,
    line_number,
    row_key,
    row_key::varchar as refund_ref,
    nullif(transaction_id, '(not set)') as order_ref,
    case
        when regexp_full_match(event_timestamp, '\d{15,17}') then make_timestamp(event_timestamp::bigint)::varchar
        else utc_text(event_timestamp, file_zone)
    end as refunded_at,
    money_text(coalesce(refund_value, '0'), file_decimal_mark) as amount,
    coalesce(param_currency, file_currency) as currency
from raw.ga4__events_flat
where event_name = 'refund'
