-- One row per file, month and metric: the file's part of a monthly total, so that two nights can be compared by file.
-- grain: file_id, month, metric
with

settings as (select * from config.settings),

refunds as (
    select
        refunds.file_id, orders.ordered_at, refunds.order_id, refunds.amount,
        refunds.amount + case when settings.revenue_includes_tax then refunds.tax else 0 end as amount_with_tax,
        hash(refunds.source_system, refunds.refund_ref, refunds.amount, refunds.tax, refunds.order_id) as mark
    from core.refunds as refunds
    join core.orders as orders using (order_id)
    cross join settings
    where refunds.is_counted and orders.is_conversion
),

given_back as (select order_id, sum(amount_with_tax) as amount from refunds group by order_id),

tracked as (select distinct order_id from core.credited_touches),

orders as (
    select
        orders.*,
        orders.revenue + coalesce(given_back.amount, 0) as before_refunds,
        tracked.order_id is null as is_untracked
    from core.orders as orders
    left join given_back using (order_id)
    left join tracked using (order_id)
    where orders.ordered_at <= (select as_of from settings)
),

facts as (
    -- Money an order brought belongs to the file its row stands in, money given back to the file of the refund.
    select file_id, ordered_at as moment, 'revenue' as metric, before_refunds as value, 1 as count_rows, hash(order_id, before_refunds) as mark
    from orders
    where is_conversion
    union all
    select file_id, ordered_at, 'revenue', -amount_with_tax, 1, mark from refunds
    union all
    select file_id, ordered_at, 'refunded', amount, 1, mark from refunds
    union all
    select file_id, ordered_at, 'orders', 1, 1, hash(order_id) from orders where is_conversion
    union all
    select file_id, ordered_at, 'new_customers', 1, 1, hash(order_id) from orders where is_first_order
    union all
    select file_id, ordered_at, 'orders_untracked', 1, 1, hash(order_id) from orders where is_conversion and is_untracked
    union all
    select file_id, ordered_at, 'orders_left_out', 1, 1, hash(order_id, status) from orders where not is_conversion
    union all
    -- Hours are cut first, so that few times have to be moved to the zone.
    select
        file_id, date_trunc('hour', occurred_at), 'touchpoints', null, count(*),
        bit_xor(hash(touchpoint_id, occurred_at, session_id, interaction, channel, order_ref, is_machine or is_test))
    from core.touchpoints
    group by all
)

select
    facts.file_id,                                         -- File; see ops.files.
    cast(date_trunc('month', timezone(settings.reporting_zone, timezone('UTC', facts.moment))) as date) as month,    -- Month in the reporting zone; of a refund that of its order.
    facts.metric,                                          -- Column of marts.monthly_totals, or touchpoints, of which visits and people are made.
    cast(sum(facts.value) as decimal(38, 4)) as value,     -- The file's part; the parts of all files add up to the total. Null for touchpoints, which make no sum.
    cast(sum(facts.count_rows) as bigint) as count_rows,   -- Orders, refunds or touchpoints it is made of.
    bit_xor(facts.mark) as fingerprint                     -- The same rows give the same number, from whichever file.
from facts
cross join settings
where facts.file_id is not null
group by facts.file_id, month, facts.metric
