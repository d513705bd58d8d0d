-- One row per two systems' orders that no shared number joins: merged by amount, minutes and buyer, or only suspected.
-- grain: source_system, order_ref, other_source_system, other_order_ref
select
    is_merged,                                             -- They are one order; else they are two, and somebody should look.
    evidence,                                              -- What speaks for it, in words.
    source_system,                                         -- The one system, the first of the two by name.
    order_ref,                                             -- The order's number there.
    other_source_system,                                   -- The other system.
    other_order_ref,                                       -- Its number there.
    minutes_apart,                                         -- Minutes between the two times.
    cast(least(amount, other_amount) as decimal(18, 4)) as amount,    -- What would be booked twice if they were two, or is if they are one; in the reporting currency.
    ordered_at,                                            -- When the one was placed, UTC.
    other_ordered_at,                                      -- When the other was placed, UTC.
    file_id,                                               -- File of the one; see ops.files.
    line_number,                                           -- Line of that file.
    other_file_id,                                         -- File of the other.
    other_line_number                                      -- Line of that file.
from core.order_pairs
where tier > 1
