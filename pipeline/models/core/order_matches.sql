-- One row per order as one source has it: the real order it is part of.
-- grain: source_system, order_ref
select
    numbers.source_system,                                 -- System that has the order.
    numbers.order_ref,                                     -- Its number there.
    coalesce(merged.order_id, numbers.number_id) as order_id,    -- The real order: the number systems share, else the system's own.
    numbers.number_id,                                     -- The order as its numbers alone tell it.
    case
        when merged.order_id is not null then 'amount, time and buyer'
        when numbers.is_shared then 'shared number'
        else 'own number'
    end as matched_by,                                     -- How it was matched: shared number; amount, time and buyer; or own number, which is not at all.
    numbers.ordered_at                                     -- When the source says it was placed, UTC.
from core.order_numbers as numbers
left join core.merged_orders as merged using (number_id)
