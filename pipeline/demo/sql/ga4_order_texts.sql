-- One row per web order: what its purchase event says.
with

items as (
    select
        order_place,
        string_agg(
            '{"item_id":"' || sku || '","item_name":"' || json_text(name) || '","item_category":"' || category || '","price":'
            || plain_money(cents) || ',"quantity":"' || quantity || '","item_revenue":' || plain_money(gross - discount) || '}',
            ',' order by line) as items,
        sum(quantity) as quantity,
        count(distinct sku) as unique_items,
        sum(gross - discount + tax) as paid,
        sum(tax) as tax
    from order_lines
    join products using (product)
    group by order_place
)

select
    order_place,
    transaction_id,
    ',' || text_param('currency', 'USD') || ',' || double_param('value', plain_money(paid)) || ',' || text_param('transaction_id', transaction_id)
    || case when coupon <> '' then ',' || text_param('coupon', coupon) else '' end as purchase_params,
    ',"event_value_in_usd":' || plain_money(paid)
    || ',"ecommerce":{"total_item_quantity":"' || quantity || '","purchase_revenue_in_usd":' || plain_money(paid)
    || ',"purchase_revenue":' || plain_money(paid) || ',"tax_value_in_usd":' || plain_money(tax) || ',"tax_value":' || plain_money(tax)
    || ',"unique_items":"' || unique_items || '","transaction_id":"' || transaction_id || '"},"items":[' || items || ']' as purchase_text
from retail_orders
join items using (order_place)
where place <> 'store'
