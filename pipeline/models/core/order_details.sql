-- One row per real order: when it was placed by the best clock, and where, by whichever system knows.
-- grain: order_id
with

known as (
    select
        matches.order_id,
        orders.*,
        coalesce(source_ranks.priority, 1000) as details_priority,
        coalesce(money_ranks.priority, 1000) as money_priority,
        orders.time_precision = 'day' as is_vague,
        case orders.time_precision
            when 'day' then orders.ordered_at + interval 1 day - interval 1 microsecond
            when 'minute' then orders.ordered_at + interval 1 minute - interval 1 microsecond
            when 'second' then orders.ordered_at + interval 1 second - interval 1 microsecond
            else orders.ordered_at
        end as ends_at
    from core.source_orders as orders
    join core.order_matches as matches using (source_system, order_ref)
    left join config.details_priority as source_ranks using (source_system)
    left join config.order_priority as money_ranks using (source_system)
)

select
    order_id,                                              -- The real order.
    arg_min(ends_at, (is_vague, ends_at)) as counted_until_at,    -- End of what the earliest exact clock can tell, UTC; a clock of days counts when there is no other.
    arg_min(source_system, (is_vague, ends_at, source_system)) as clock_system,    -- System whose clock that is.
    arg_min(source_system, (details_priority, source_system)) as details_system,    -- System that stands first in saying where it was made.
    coalesce(
        arg_min(sale_channel, (details_priority, source_system)) filter (where sale_channel <> 'other'),
        min(sale_channel)) as sale_channel,                -- Where the sale was made, by money.details_priority.
    arg_min(coupon, (details_priority, source_system)) filter (where coupon is not null) as coupon,    -- Coupon or discount name, by money.details_priority.
    arg_min(location_ref, (money_priority, source_system)) filter (where location_ref is not null) as location_ref,    -- Store or branch, by money.order_priority.
    arg_min(agent_ref, (money_priority, source_system)) filter (where agent_ref is not null) as agent_ref,    -- Member of staff, by money.order_priority.
    arg_min(order_name, (money_priority, source_system)) filter (where order_name is not null) as order_name    -- What a source calls it, by money.order_priority.
from known
group by order_id
