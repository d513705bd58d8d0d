-- One row per line of a sale or refund of a window: its line of the items export.
select concat_ws(',',
    strftime(sold_at, '%Y-%m-%d'), strftime(sold_at, '%H:%M:%S'), 'Eastern Time (US & Canada)',
    case when category = 'Gifts' then 'None' else category end,
    cell(name), sign * quantity || '.0', 'Regular', sku, '""',
    cell(till_money(sign * l.gross)), cell(till_money(-sign * l.discount)), cell(till_money(sign * (l.gross - l.discount))),
    cell(till_money(sign * l.tax)),
    transaction_id_at_till, payment_id, case when place = 'web' then '' else location || ' iPad' end, cell(coalesce(reason, '')),
    'https://app.squareup.com/dashboard/sales/transactions/' || transaction_id_at_till || '/by-unit/' || sku,
    event_type, location, '""',
    case when event_type = 'Payment' then coalesce(customer_id, '') else '' end,
    case when event_type = 'Payment' then cell(customer_name) else '' end,
    case when event_type = 'Payment' then coalesce(loyalty_id, '') else '' end,
    'ea', sign * quantity, '""', 'Physical Good',
    case when has_commission then '$0.00,' || coalesce(staff, '') || ',' else '' end || case when place = 'click and collect' then 'Pick up in store' else '' end,
    location, token('unit ' || sku, 24),
    case when tender = 1 then '""' else ['Visa', 'MasterCard', 'American Express', 'Discover'][1 + person % 4] end,
    case when tender = 1 then '""' else format('{:04d}', person * 37 % 10000) end) as line
from (select *, case event_type when 'Refund' then -1 else 1 end as sign from window_sales) as s
join order_lines as l on l.order_place = s.order_place and (event_type = 'Payment' or l.refund = s.refund)
join products using (product)
order by happened_at desc, transaction_id_at_till, l.line
