-- One row per rule and two systems: how many of their orders are one order by it, or may be.
-- grain: tier, source_system, other_source_system
select
    tier,                                                  -- 1: shared number. 2: amount, minutes and buyer. 3: amount, day and place: suspects, which are not merged.
    source_system,                                         -- The one system, the first of the two by name.
    other_source_system,                                   -- The other system.
    bool_and(is_merged) as is_merged,                      -- Such pairs are one order.
    count(*) as count_pairs,                               -- Pairs of orders.
    cast(sum(least(amount, other_amount)) as decimal(38, 4)) as amount,    -- What would be booked twice if they were two, or is if they are one; in the reporting currency.
    count(*) filter (where abs(amount - other_amount) > 0.005) as count_amounts_differ,    -- Of these, with amounts that are not the same.
    quantile_disc(minutes_apart, 0.5) as median_minutes_apart    -- Minutes between the two systems' times, in the middle.
from core.order_pairs
group by tier, source_system, other_source_system
