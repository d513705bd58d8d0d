-- One row per purchase event.
with

rows as (
    select * from raw.ga4__events
    union all by name
    select * from raw.ga4__events_intraday
),

purchases as (
    select *, nullif(coalesce(transaction_id, param_transaction_id), '(not set)') as order_number
    from rows
    where event_name = 'purchase'
)

select
    file_id,
    line_number,
    row_key,
    coalesce(order_number, 'event ' || row_key::varchar) as order_ref,
    case when order_number is not null then [order_number] end as alt_order_refs,
    make_timestamp(try_cast(event_timestamp as bigint)) as ordered_at,
    'microsecond' as time_precision,
    'paid' as status,
    money_text(coalesce(purchase_revenue, purchase_revenue_in_usd, param_value, '0'), '.') as gross,
    money_text(tax_value, '.') as tax,
    money_text(shipping_value, '.') as shipping,
    case
        when coalesce(purchase_revenue, param_value) is null and purchase_revenue_in_usd is not null then 'USD'
        else coalesce(param_currency, file_currency)
    end as currency,
    user_pseudo_id as client_id,
    user_id,
    'web' as sale_channel,
    param_coupon as coupon
from purchases
