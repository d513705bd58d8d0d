-- One row per refund: the order it goes back on, and whether it counts.
-- grain: source_system, refund_ref
with

once as (
    select *
    from validated.refunds
    qualify row_number() over (partition by source_system, refund_ref order by refunded_at, row_key) = 1
),

by_order as (select source_system, order_ref, order_id, ordered_at from core.order_matches),

by_payment as (
    select source_system, payment_ref, min(order_ref) as order_ref
    from (select source_system, order_ref, unnest(payment_refs) as payment_ref from validated.orders)
    group by source_system, payment_ref
),

by_number as (
    select number_id, min(order_id) as order_id, min(ordered_at) as ordered_at from core.order_matches group by number_id
),

placed as (
    select
        once.*,
        coalesce(own.order_id, paid.order_id, numbered.order_id) as order_id,
        coalesce(once.refunded_at, own.ordered_at, paid.ordered_at, numbered.ordered_at) as valued_at
    from once
    left join by_order as own on own.source_system = once.source_system and own.order_ref = once.order_ref
    left join by_payment as payments
        on payments.source_system = once.source_system and payments.payment_ref = once.payment_ref
    left join by_order as paid on paid.source_system = once.source_system and paid.order_ref = payments.order_ref
    left join by_number as numbered on numbered.number_id = upper(regexp_replace(once.order_ref, '[#\s]', '', 'g'))
),

standing as (select order_id, source_system from core.order_survivors)

select
    placed.source_system,                                  -- System that reports the refund.
    placed.refund_ref,                                     -- Its number there.
    placed.order_id,                                       -- Real order it goes back on; null when that is not known.
    placed.refunded_at,                                    -- When the money went back, UTC; null when the export does not say.
    cast(round(placed.amount * rates.rate, 4) as decimal(18, 4)) as amount,    -- Goods given back, in the reporting currency, without tax.
    cast(round(placed.tax * rates.rate, 4) as decimal(18, 4)) as tax,    -- Tax given back, in the reporting currency.
    placed.currency as source_currency,                    -- Currency the source wrote.
    placed.reason,                                         -- Why, in the source's words.
    placed.location_ref,                                   -- Store or branch.
    coalesce(standing.order_id is not null, false) as is_counted,    -- It lowers revenue: it is of the system whose money stands for the order.
    case
        when placed.order_id is null then 'the order is not known'
        when standing.order_id is null then 'another system keeps the books of this order'
    end as not_counted_reason,                             -- Why it does not lower revenue.
    placed.file_id,                                        -- File it was read from; see ops.files.
    placed.line_number                                     -- Line of that file.
from placed
left join standing on standing.order_id = placed.order_id and standing.source_system = placed.source_system
left join core.exchange_rates as rates
    on rates.currency = placed.currency and rates.day = cast(placed.valued_at as date)
