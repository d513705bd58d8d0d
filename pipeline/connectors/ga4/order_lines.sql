-- One row per item of a purchase event.
with

rows as (
    select * from raw.ga4__events
    union all by name
    select * from raw.ga4__events_intraday
),

items as (
    select
        *,
        unnest(from_json(items, '[{"item_id":"VARCHAR","item_name":"VARCHAR","item_category":"VARCHAR","price":"VARCHAR","quantity":"VARCHAR","item_revenue":"VARCHAR"}]')) as item,
        generate_subscripts(from_json(items, '["JSON"]'), 1) as position
    from rows
    where event_name = 'purchase' and json_valid(items)
)

select
    file_id,
    line_number,
    row_key,
    coalesce(nullif(coalesce(transaction_id, param_transaction_id), '(not set)'), 'event ' || row_key::varchar) as order_ref,
    position::varchar as line_ref,
    item.item_id as product_ref,
    item.item_name as product_name,
    item.item_category as category,
    coalesce(item.quantity, '1') as quantity,
    item.price as unit_price,
    item.item_revenue as amount,
    coalesce(param_currency, file_currency) as currency
from items
