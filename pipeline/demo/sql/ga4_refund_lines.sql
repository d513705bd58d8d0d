-- One row per refund that the shop reports to Google Analytics: its day, and its line of the export.
select
    strftime(local_time(refunded_at), '%Y%m%d') as event_date,
    hash_place as mixer,
    refunded_at * 1000000 + 250000 as event_us,
    '{"event_date":"' || event_date || '","event_timestamp":"' || event_us || '","event_name":"refund","event_params":['
    || text_param('currency', 'USD') || ',' || double_param('value', plain_money(amount + tax)) || ',' || text_param('transaction_id', transaction_id)
    || '],"user_pseudo_id":"' || client_number || '.' || first_seen_at || '"'
    || ',"ecommerce":{"refund_value_in_usd":' || plain_money(amount + tax) || ',"refund_value":' || plain_money(amount + tax)
    || ',"transaction_id":"' || transaction_id || '"},"stream_id":"4711000001","platform":"WEB"}' as line
from reported_refunds
join order_texts using (order_place)
