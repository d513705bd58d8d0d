-- One row per refund event.
with

rows as (
    select * from raw.ga4__events
    union all by name
    select * from raw.ga4__events_intraday
)

select
    file_id,
    line_number,
    row_key,
    row_key::varchar as refund_ref,
    nullif(coalesce(transaction_id, param_transaction_id), '(not set)') as order_ref,
    make_timestamp(try_cast(event_timestamp as bigint)) as refunded_at,
    money_text(coalesce(refund_value, refund_value_in_usd, param_value, '0'), '.') as amount,
    coalesce(param_currency, file_currency, 'USD') as currency
from rows
where event_name = 'refund'
