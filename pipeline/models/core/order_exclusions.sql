-- One row per real order that is no purchase: why.
-- grain: order_id
with

settings as (select * from config.settings),

staff as (
    select distinct matches.order_id
    from core.staff_orders as staff
    join core.order_matches as matches using (source_system, order_ref)
),

references_given as (
    select matches.order_id, min(orders.replaces_ref) as replaces_ref
    from core.source_orders as orders
    join core.order_matches as matches using (source_system, order_ref)
    where orders.replaces_ref is not null
    group by matches.order_id
),

orders as (
    select
        survivors.order_id, buyers.customer_id, details.counted_until_at, books.status, references_given.replaces_ref,
        books.gross - coalesce(books.discount, 0) + coalesce(books.tax, 0) + coalesce(books.shipping, 0) = 0 as is_free,
        concat_ws(' ', details.order_name, details.coupon) as words,
        case
            when books.status not in ('paid', 'refunded', 'partly_refunded') then books.status
            when staff.order_id is not null and settings.exclude_staff_orders then 'staff'
        end as reason
    from core.order_survivors as survivors
    join core.order_matches as matches
        on matches.order_id = survivors.order_id and matches.source_system = survivors.source_system
    join core.source_orders as books
        on books.source_system = matches.source_system and books.order_ref = matches.order_ref
    join core.order_details as details on details.order_id = survivors.order_id
    cross join settings
    left join core.order_buyers as buyers on buyers.order_id = survivors.order_id
    left join staff on staff.order_id = survivors.order_id
    left join references_given on references_given.order_id = survivors.order_id
),

after as (
    select
        *,
        case when customer_id is not null then max(case when reason is null and not is_free then counted_until_at end) over (
            partition by customer_id order by counted_until_at, order_id rows between unbounded preceding and 1 preceding
        ) end as bought_before_at
    from orders
),

judged as (
    select
        after.*,
        case
            when reason is not null or not is_free then null
            when replaces_ref is not null then 'worth nothing, and replaces ' || replaces_ref
            when regexp_matches(words, settings.replacement_regex)
                and bought_before_at >= counted_until_at - settings.replacement_days * interval 1 day
                then format('worth nothing, called "{}", {} days after a purchase', words, date_diff('day', bought_before_at, counted_until_at))
        end as replaces
    from after
    cross join settings
)

select
    order_id,                                              -- The real order.
    coalesce(reason, 'replacement') as reason,             -- test, cancelled, open, lost: as its books say. staff; replacement.
    coalesce(replaces, case reason when 'staff' then 'an address of the business itself' else 'the books say so' end) as evidence    -- How that is known.
from judged
where reason is not null or replaces is not null
