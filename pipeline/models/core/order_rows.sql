-- One row per order row of an export, used or not: what became of it on the way to the order book.
-- grain: file_id, line_number
with

settings as (select * from config.settings),

delivered as (
    select
        file_id, line_number, row_key, source_system, order_ref, ordered_at, status, currency,
        coalesce(gross, 0) - coalesce(discount, 0)
            + case when settings.revenue_includes_tax then coalesce(tax, 0) else 0 end
            + case when settings.revenue_includes_shipping then coalesce(shipping, 0) else 0 end as amount
    from staged.orders
    cross join settings
),

rejected as (select distinct file_id, line_number from validated.rejects),

superseded as (select distinct file_id, line_number from validated.superseded),

numbered as (
    -- The first report of a number stands, as in core.source_orders; what is not used does not count here.
    select
        delivered.file_id, delivered.line_number, matches.order_id,
        row_number() over (
            partition by delivered.source_system, delivered.order_ref order by delivered.ordered_at, delivered.row_key
        ) as report,
        row_number() over (
            partition by matches.order_id, delivered.source_system
            order by delivered.ordered_at, delivered.order_ref, delivered.row_key
        ) as part
    from delivered
    join core.order_matches as matches using (source_system, order_ref)
    anti join validated.dropped_lines using (file_id, line_number)
)

select
    delivered.file_id,                                     -- File it was read from; see ops.files.
    delivered.line_number,                                 -- Line of that file.
    delivered.source_system,                               -- System.
    delivered.order_ref,                                   -- Order number there; null when it could not be read.
    numbered.order_id,                                     -- The real order; null when the row is not used.
    coalesce(orders.ordered_at, delivered.ordered_at) as ordered_at,    -- When the order was placed, UTC; null when it could not be read.
    delivered.ordered_at as placed_at,                     -- When this row says so, UTC.
    delivered.currency,                                    -- Currency of the amount.
    cast(delivered.amount as decimal(18, 4)) as amount,    -- Goods after discount, before refunds, in that currency; tax and shipping as the settings say.
    case
        when rejected.file_id is not null then 'rejected'
        when superseded.file_id is not null then 'duplicate'
        when numbered.report > 1 then 'reported_again'
        when orders.source_system <> delivered.source_system then 'kept_by_another_system'
        when not orders.is_conversion then orders.excluded_as
        when numbered.part > 1 then 'part_of_an_order'
        else 'booked'
    end as fate                                            -- booked; part_of_an_order; or why it is not: rejected, duplicate, reported_again, kept_by_another_system, test, cancelled, open, lost, staff, replacement.
from delivered
left join rejected on rejected.file_id = delivered.file_id and rejected.line_number = delivered.line_number
left join superseded on superseded.file_id = delivered.file_id and superseded.line_number = delivered.line_number
left join numbered on numbered.file_id = delivered.file_id and numbered.line_number = delivered.line_number
left join core.orders as orders on orders.order_id = numbered.order_id
