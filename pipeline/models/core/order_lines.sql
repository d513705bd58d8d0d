-- One row per line of a real order, as the system whose money stands has it.
-- grain: order_id, order_ref, line_ref
with

once as (
    select *
    from validated.order_lines
    qualify row_number() over (partition by source_system, order_ref, line_ref order by row_key) = 1
)

select
    survivors.order_id,                                    -- The real order.
    once.order_ref,                                        -- Receipt of that system the line stands on.
    once.line_ref,                                         -- Line within the receipt.
    once.source_system,                                    -- System whose money stands for the order.
    once.product_ref,                                      -- SKU or product id.
    once.product_name,                                     -- Name of the product.
    once.category,                                         -- Product category.
    once.quantity,                                         -- Units sold.
    once.returned_quantity,                                -- Units given back.
    cast(round(once.unit_price * rates.rate, 4) as decimal(18, 4)) as unit_price,    -- Price of one unit, in the reporting currency.
    cast(round(coalesce(once.amount, once.quantity * once.unit_price) * rates.rate, 4) as decimal(18, 4)) as amount,    -- Value of the line, in the reporting currency.
    once.file_id,                                          -- File it was read from; see ops.files.
    once.line_number                                       -- Line of that file.
from once
join core.order_matches as matches using (source_system, order_ref)
join core.order_survivors as survivors
    on survivors.order_id = matches.order_id and survivors.source_system = once.source_system
left join core.exchange_rates as rates
    on rates.currency = once.currency and rates.day = cast(matches.ordered_at as date)
