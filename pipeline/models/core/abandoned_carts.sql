-- One row per cart that no order on line followed: what was in it, how far it got, and what was bought later.
-- grain: cart_id
with

settings as (select * from config.settings),

cart_events as (
    -- What shows the whole cart stands for all before it; what puts something in is added to it.
    select
        touchpoint_id, customer_id, occurred_at, interaction, amount_reporting, product_ref, detail,
        interaction <> 'add_to_cart' or event_name ilike '%view%' as is_whole,
        max(occurred_at) filter (where is_whole and amount_reporting is not null) over (
            partition by customer_id order by occurred_at rows between unbounded preceding and current row) as whole_at
    from core.touchpoints
    where interaction in ('add_to_cart', 'begin_checkout', 'add_payment_info')
        and customer_id is not null and not is_machine and not is_test
),

placed as (
    select cart_events.*, attempts.* exclude (customer_id)
    from cart_events
    asof join core.attempts as attempts
        on attempts.customer_id = cart_events.customer_id and cart_events.occurred_at >= attempts.started_at
    where cart_events.occurred_at <= attempts.ended_at
),

carts as (
    select
        attempt_id,
        min(customer_id) as customer_id,
        min(cycle_index) as cycle_index,
        min(occurred_at) as begun_at,
        max(occurred_at) as left_at,
        bool_and(is_decided) as is_decided,
        max(order_id) as order_id,
        max(last_channel) as last_channel,
        max(device_category) as device_category,
        max(last_page) as last_page,
        case
            when bool_or(interaction = 'add_payment_info') then 'payment'
            when bool_or(interaction = 'begin_checkout') then 'checkout'
            else 'cart'
        end as furthest_step,
        list_sort(list_distinct(flatten(list(list_filter(
            [product_ref] || coalesce(cast(json_extract_string(detail, '$.products[*]') as varchar[]), []),
            lambda product: product <> ''))))) as products,
        max(whole_at) filter (where whole_at >= started_at) as last_whole_at,
        list({'at': occurred_at, 'is_whole': is_whole, 'amount': amount_reporting}) filter (where amount_reporting is not null) as amounts
    from placed
    group by attempt_id
),

valued as (
    select
        *,
        list_max([part.amount for part in amounts if part.is_whole and part.at = last_whole_at]) as whole,
        list_sum([part.amount for part in amounts if not part.is_whole and (last_whole_at is null or part.at > last_whole_at)]) as added
    from carts
),

bought as (
    select
        valued.*,
        coalesce(valued.order_id, stops.order_id) as bought_order_id,
        coalesce(orders.counted_until_at, stops.bought_at) as bought_at,
        coalesce(stops.revenue, orders.revenue) as revenue,
        sold_in(coalesce(orders.sale_channel, later.sale_channel)) as place
    from valued
    left join core.orders as orders on orders.order_id = valued.order_id
    left join core.drop_offs as stops on stops.basis = 'stages' and stops.drop_id = valued.attempt_id
    left join core.orders as later on later.order_id = stops.order_id
    where valued.order_id is null or sold_in(orders.sale_channel) <> 'online'
),

lines as (
    select order_id, list_distinct(list(lower(trim(product_ref)))) as sold
    from core.order_lines
    where product_ref is not null
    group by order_id
),

told as (
    select
        bought.*,
        case when len(products) > 0
            then list_has_any(list_transform(products, lambda product: lower(trim(product))), lines.sold) end as is_same,
        case
            when place <> 'online' then place
            when is_same is null then 'online'
            when is_same then 'same'
            else 'different'
        end as outcome,
        case when is_decided then settings.as_of - left_at else interval 0 day end as seen_for
    from bought
    cross join settings
    left join lines on lines.order_id = bought.bought_order_id
)

select
    attempt_id as cart_id,                                 -- Cart; the attempt in core.attempts that it is part of.
    customer_id,                                           -- Customer, by number alone.
    begun_at,                                              -- First thing put in or checkout opened, UTC.
    left_at,                                               -- Last thing done with it, UTC.
    is_decided,                                            -- The pause after it is over; until then it may still be bought and counts as open.
    row_number() over (partition by customer_id, cycle_index order by attempt_id) = 1 as is_first,    -- First cart left in the cycle: counts take only these, so that a cart taken up again counts once.
    furthest_step,                                         -- cart, checkout or payment.
    products,                                              -- Products as the source names them; empty when it does not say.
    cast(case when whole is not null or added is not null then coalesce(whole, 0) + coalesce(added, 0) end as decimal(18, 4)) as value,    -- Worth in the reporting currency: the last whole cart seen and what was added to it; null when the source does not say.
    last_channel,                                          -- Channel of the last touch.
    device_category,                                       -- Device.
    last_page,                                             -- Last page seen.
    bought_at,                                             -- First purchase after it, UTC, whenever it came.
    bought_order_id as order_id,                           -- That order.
    revenue,                                               -- Its revenue, net of refunds, in the reporting currency.
    is_same,                                               -- The order has a product of the cart; null when either does not say.
    drop_outcome(left_at, bought_at, outcome, seen_for, 7) as outcome_7,    -- Bought within 7 days: same (a product of it, on line), different (others, on line), online (products not known), store, other, or not; open while that time runs.
    drop_outcome(left_at, bought_at, outcome, seen_for, 30) as outcome_30,    -- The same within 30 days.
    drop_outcome(left_at, bought_at, outcome, seen_for, 90) as outcome_90    -- The same within 90 days.
from told
