-- One row per order that anybody placed, real or not, and per deal.
with

totals as (
    select
        order_place,
        sum(gross)::bigint as gross, sum(discount)::bigint as discount, sum(tax)::bigint as tax,
        coalesce(sum(gross - discount) filter (where refund > 0), 0)::bigint as refund,
        bool_and(refund > 0) as is_whole
    from order_lines
    group by order_place
),

tills as (
    select order_place, transaction_id_at_till as square_transaction_id, payment_id as square_payment_id
    from sales where event_type = 'Payment'
),

everything as (
    select
        order_id_of(o.place, o.transaction_id, o.order_place) as order_id,
        o.person + 1 as person_id,
        make_timestamp(o.ordered_us) as ordered_at,
        utc(o.booked_at) as booked_at,
        case o.place when 'click and collect' then 'click_and_collect' else o.place end as sale_channel,
        case when o.is_test then 'test' when t.is_whole then 'refunded' when t.refund > 0 then 'partly_refunded' else 'paid' end as status,
        not o.is_test as is_real,
        t.gross, t.discount, t.tax, t.refund,
        case when o.is_test then 0 else t.gross - t.discount - t.refund end as net,
        coalesce(r.has_been_seen, false) as is_in_ga4,
        case when coalesce(r.has_been_seen, false) then o.reports else 0 end as count_ga4_purchases,
        case when coalesce(r.has_been_seen, false) then o.transaction_id end as ga4_transaction_id,
        s.square_transaction_id,
        s.square_payment_id,
        o.reference_id as square_order_reference_id,
        cast(null as varchar) as hubspot_deal_id
    from retail_orders as o
    join totals as t using (order_place)
    join tills as s using (order_place)
    left join (select visit, is_seen as has_been_seen from trails) as r on r.visit = o.visit and o.reports > 0
    union all
    select
        'deal ' || record_id, person + 1, utc(case when outcome > 0 then closed_at // 60 * 60 else created_at end),
        case when outcome > 0 then utc(closed_at // 60 * 60) end, 'deal', ['open', 'won', 'lost'][outcome + 1], outcome = 1,
        cents, 0, 0, 0, case when outcome = 1 then cents else 0 end, false, 0, null, null, null, null, record_id
    from deals
)

select
    order_id, person_id, ordered_at, booked_at, sale_channel, status, is_real,
    dollars(gross) as gross, dollars(discount) as discount, dollars(tax) as tax, dollars(refund) as refund, dollars(net) as net,
    is_in_ga4, count_ga4_purchases, ga4_transaction_id, square_transaction_id, square_payment_id, square_order_reference_id, hubspot_deal_id
from everything
order by ordered_at, order_id
