-- One row per step and what came next: what people did after they stopped on the way to an order, or left a cart.
-- grain: basis, reached, breakdown, breakdown_value
with

-- A cart whose attempt ended in a store or on the phone has no stop: that order is what came next.
left_carts as (
    select
        'carts' as basis,
        list_position(['cart', 'checkout', 'payment'], carts.furthest_step) as reached_index,
        carts.furthest_step as reached,
        coalesce(stops.next_action, 'bought_' || sold_in(orders.sale_channel), 'open') as next_action,
        if(stops.drop_id is null, date_diff('second', carts.left_at, carts.bought_at) / 86400.0, stops.next_after_days) as next_after_days,
        stops.next_channel, stops.next_page
    from core.abandoned_carts as carts
    left join core.drop_offs as stops on stops.basis = 'stages' and stops.drop_id = carts.cart_id
    left join core.orders as orders on orders.order_id = carts.order_id
    where carts.is_first
),

cases as (
    select
        basis, reached_index, reached, next_action, next_after_days,
        case when next_action <> 'nothing' then next_channel end as next_channel,
        next_page
    from (
        select basis, reached_index, reached, next_action, next_after_days, next_channel, next_page
        from core.drop_offs
        where is_furthest
        union all
        select basis, reached_index, reached, next_action, next_after_days, next_channel, next_page from left_carts
    )
    where next_action <> 'open'
),

counted as (
    select
        basis, reached_index, reached,
        case
            when grouping(next_action) = 0 then 'action'
            when grouping(next_channel) = 0 then 'channel'
            else 'page'
        end as breakdown,
        coalesce(next_action, next_channel, next_page) as breakdown_value,
        count(*) as count_stops,
        median(next_after_days) as median_days
    from cases
    group by grouping sets (
        (basis, reached_index, reached, next_action),
        (basis, reached_index, reached, next_channel),
        (basis, reached_index, reached, next_page)
    )
),

whole as (
    select *, sum(count_stops) filter (where breakdown = 'action') over (partition by basis, reached) as count_known
    from counted
)

select
    basis,                                                 -- What the steps are: stages; carts (cart, checkout or payment that was left, one a cycle); funnel and its number in config.funnels.
    reached_index,                                         -- Place of the step they stopped at.
    reached,                                               -- That step; none without evidence of any.
    breakdown,                                             -- action: what came next, or nothing; channel and page: where the next touch came from and landed.
    breakdown_value,                                       -- The action (see next_action of core.drop_offs), channel or page.
    count_stops,                                           -- Stops that this came next after.
    cast(count_known as bigint) as count_known,            -- All stops at the step for which that time is over: n of the share.
    count_stops / count_known as stops_share,              -- Share of them.
    share_low(count_stops, count_known) as stops_share_low,    -- Lower end of its 95 % interval.
    share_high(count_stops, count_known) as stops_share_high,    -- Upper end.
    median_days                                            -- Median days until then; null for nothing.
from whole
where breakdown_value is not null
