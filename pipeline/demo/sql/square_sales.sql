-- One row per sale and per refund at the till and behind the web shop; money in cents.
with

totals as (
    select
        order_place,
        sum(gross)::bigint as gross,
        sum(discount)::bigint as discount,
        sum(tax)::bigint as tax,
        string_agg(case when quantity > 1 then quantity || ' x ' else '' end || name, ', ' order by line) as description
    from order_lines
    join products using (product)
    group by order_place
),

sales as (
    select
        o.*, t.gross, t.discount, t.tax, t.description,
        token('payment ' || o.order_place || ' ' || o.person || ' ' || o.booked_at, 26) as payment_id,
        token('sale ' || o.order_place || ' ' || o.person || ' ' || o.booked_at, 26) as sale_id,
        md5('card ' || o.person) as card
    from retail_orders as o
    join totals as t using (order_place)
),

everything as (
    select
        *, booked_at as happened_at, 'Payment' as event_type, sale_id as transaction_id_at_till, 0 as refund,
        case when is_test then 'Voided' else 'Complete' end as status, cast(null as varchar) as reason
    from sales
    union all
    select
        s.* replace (-r.gross as gross, -r.discount as discount, -r.tax as tax),
        r.refunded_at, 'Refund', token('refund ' || r.refund || ' ' || s.sale_id, 26), r.refund, 'Complete',
        ['Canceled Order', 'Accidental Charge', 'Returned Goods'][1 + (s.order_place + r.refund) % 3]
    from refunds as r
    join sales as s using (order_place)
)

select
    e.*,
    local_time(happened_at) as sold_at,
    cast(local_time(happened_at) as date) as sold_on,
    gross - discount + tax as total,
    case
        when event_type = 'Refund' or tender = 1 or is_test then 0
        when place = 'web' then -cast(round((gross - discount + tax) * 0.029) as bigint) - 30
        else -cast(round((gross - discount + tax) * 0.026) as bigint) - 10
    end as fees,
    case when place = 'web' then 'Online Shop' else stores.name end as location,
    case when place = 'web' then null else stores.cashiers[1 + cashier] end as staff,
    p.customer_id, p.customer_name, p.loyalty_id
from everything as e
join stores on stores.store = e.store
left join order_profiles as p using (order_place)
