-- One row per sale that was partly refunded and whose refund stands in no row of its own.
with

own_rows as (
    select "Payment ID" as payment from raw.square__transactions where kind = 'refund' and "Payment ID" is not null
),

partly as (
    select t.*, money_text("Partial Refunds", file_decimal_mark) as partial_text
    from raw.square__transactions as t
    anti join own_rows on own_rows.payment = t."Payment ID"
    where kind = 'payment' and "Partial Refunds" is not null
)

select
    file_id,
    line_number,
    row_key,
    "Transaction ID" || ' by amount' as refund_ref,
    "Transaction ID" as order_ref,
    "Payment ID" as payment_ref,
    null::timestamp as refunded_at,
    ltrim(partial_text, '-') as amount,
    file_currency as currency,
    "Location" as location_ref
from partly
where try_cast(partial_text as double) is distinct from 0
