-- One row per amount by which orders and their refunds change the books, summed per system and month; steps of the ledger.
-- grain: section, source_system, month, step
with

settings as (select * from config.settings),

orders as (
    select
        orders.*,
        gross - discount + case when revenue_includes_tax then tax else 0 end
            + case when revenue_includes_shipping then shipping else 0 end as before_refunds,
        case when len(source_systems) > 1 then 'known_to_several_systems' else 'known_to_this_system_only' end as known_by
    from core.orders as orders
    cross join settings
),

purchases as (select * from orders where is_conversion),

refunds as (
    select
        refunds.source_system, refunds.amount, refunds.refunded_at, orders.ordered_at,
        refunds.amount + case when revenue_includes_tax then coalesce(refunds.tax, 0) else 0 end as charged_back,
        case
            when refunds.order_id is null then 'refunds_of_unknown_orders'
            when not refunds.is_counted and coalesce(orders.count_refunds, 0) = 0 then 'refunds_the_books_lack'
            when not refunds.is_counted then 'refunds_another_system_tells'
            when not coalesce(orders.is_conversion, false) then 'refunds_of_no_purchase'
        end as fate
    from core.refunds as refunds
    cross join settings
    left join orders on orders.order_id = refunds.order_id
),

entries as (
    select unnest(['book', 'book_by_refund_date']) as section, source_system, ordered_at as entered_at, known_by as step, 1 as orders, before_refunds as amount
    from purchases
    union all
    select unnest(['book', 'book_by_refund_date']), source_system, ordered_at, 'gift_cards', 0, -gift_cards from purchases where gift_cards <> 0
    union all
    select 'book', source_system, ordered_at, 'refunded', 0, -charged_back from refunds where fate is null
    union all
    select 'book_by_refund_date', source_system, coalesce(refunded_at, ordered_at), 'refunded', 0, -charged_back from refunds where fate is null
    union all
    select 'book', source_system, ordered_at, 'net', 1, revenue from purchases
    union all
    select 'refunds', source_system, coalesce(ordered_at, refunded_at), 'refunds_reported', 1, amount from refunds
    union all
    select 'refunds', source_system, coalesce(ordered_at, refunded_at), fate, -1, -amount from refunds where fate is not null
    union all
    select 'refunds', source_system, ordered_at, 'refunds_counted', count_refunds, refunded from purchases where count_refunds > 0
),

dated as (
    select
        entries.*,
        coalesce(cast(date_trunc('month', timezone(settings.reporting_zone, timezone('UTC', entered_at))) as date), date '0001-01-01') as month
    from entries
    cross join settings
)

select
    section,                                               -- book: to revenue, refunds on the order's date. book_by_refund_date: refunds on their own. refunds: from the refunds a system reports to those that lower revenue, goods alone.
    source_system,                                         -- System whose money stands; of refunds, the one that reports them.
    month,                                                 -- Month in the reporting zone; 0001-01 when neither order nor refund has a date.
    step,                                                  -- What is added or taken away, or the total.
    cast(sum(orders) as bigint) as count_orders,           -- Orders, or refunds in the section refunds; negative when they are taken away.
    cast(sum(amount) as decimal(38, 6)) as amount          -- Money in the reporting currency; negative when it is taken away.
from dated
group by section, source_system, month, step
