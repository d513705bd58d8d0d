-- One row per two systems' reports that are one order, or may be: by which rule, on what evidence, in which files.
-- grain: source_system, order_ref, other_source_system, other_order_ref
with

settings as (select * from config.settings),

orders as (
    select
        sources.*, matches.order_id,
        sources.gross - coalesce(sources.discount, 0) as goods,
        sources.status in ('paid', 'refunded', 'partly_refunded') as is_purchase,
        cast(timezone(settings.reporting_zone, timezone('UTC', sources.ordered_at)) as date) as day
    from core.source_orders as sources
    join core.order_matches as matches using (source_system, order_ref)
    cross join settings
),

by_number as (
    select
        1 as tier, one.source_system, one.order_ref, other.source_system as other_source_system, other.order_ref as other_order_ref,
        abs(date_diff('microsecond', one.ordered_at, other.ordered_at)) / 1000000.0 as seconds_apart,
        one.goods as amount, other.goods as other_amount,
        'both go by the number ' || one.number_id as evidence
    from orders as one
    join orders as other on other.number_id = one.number_id and one.source_system < other.source_system
),

by_amount as (
    select
        2 as tier, pairs.source_system, pairs.order_ref, other_source_system, other_order_ref, seconds_apart, amount, other_amount,
        format('{:.2f} {} there and {:.2f} {} here, {:.1f} minutes apart, customer {} in both',
            cast(amount as double), amount_is, cast(other_amount as double), other_amount_is, seconds_apart / 60, customer_id) as evidence
    from core.order_candidates as pairs
    join core.order_matches as one on one.source_system = pairs.source_system and one.order_ref = pairs.order_ref
    join core.order_matches as other
        on other.source_system = other_source_system and other.order_ref = other_order_ref
    where one.order_id = other.order_id
),

unmatched as (
    -- Who is known by name or account in both systems, and is somebody else, did not place one order.
    select orders.*, known.customer_id as known_id, survivors.source_systems
    from orders
    join settings on settings.list_suspect_orders
    join core.order_survivors as survivors using (order_id)
    left join identity.identifiers as keys
        on keys.kind = 'order' and keys.value = 'of ' || orders.source_system || ' ' || orders.order_ref
    left join (
        select distinct customer_id from identity.identifiers where kind in ('user_id', 'email', 'phone', 'loyalty_id')
    ) as known using (customer_id)
    where orders.is_purchase and goods > 0
),

sums as (
    select distinct *
    from (
        select
            order_id, source_system, order_ref, ordered_at, day, sale_channel, lower(trim(location_ref)) as place, known_id,
            source_systems,
            unnest([goods, goods + coalesce(tax, 0), goods + coalesce(shipping, 0),
                goods + coalesce(tax, 0) + coalesce(shipping, 0)]) as amount
        from unmatched
    )
),

queued as (
    -- Several alike are paired in the order of their times, so that two and two are two pairs and not four.
    select *, row_number() over (partition by source_system, day, amount, sale_channel, place order by ordered_at, order_ref) as turn
    from sums
),

alike as (
    select
        3 as tier, one.source_system, one.order_ref, other.source_system as other_source_system, other.order_ref as other_order_ref,
        abs(date_diff('microsecond', one.ordered_at, other.ordered_at)) / 1000000.0 as seconds_apart,
        one.amount, other.amount as other_amount,
        format('{:.2f} each on {}, {}', cast(one.amount as double), one.day, coalesce(one.place, other.place, one.sale_channel)) as evidence
    from queued as one
    join queued as other
        on other.day = one.day and other.amount = one.amount and other.turn = one.turn
        and one.source_system < other.source_system
        and (one.place = other.place or one.sale_channel = other.sale_channel and one.sale_channel <> 'other'
            and (one.place is null or other.place is null))
        and not list_has_any(one.source_systems, other.source_systems)
        and (one.known_id is null or other.known_id is null or one.known_id = other.known_id)
),

suspects as (
    select *
    from alike
    qualify row_number() over (partition by source_system, order_ref, other_source_system order by seconds_apart, other_order_ref, amount) = 1
        and row_number() over (partition by other_source_system, other_order_ref, source_system order by seconds_apart, order_ref, amount) = 1
),

every_pair as (select * from by_number union all select * from by_amount union all select * from suspects)

select
    pairs.source_system,                                   -- The one system, the first of the two by name.
    pairs.order_ref,                                       -- The order's number there.
    pairs.other_source_system,                             -- The other system.
    pairs.other_order_ref,                                 -- Its number there.
    pairs.tier,                                            -- 1: shared number. 2: amount, minutes and buyer. 3: amount, day and place, which is not enough.
    pairs.tier < 3 as is_merged,                           -- They are one order; else they are two, and somebody should look.
    pairs.evidence,                                        -- What speaks for it, in words; amounts in the reporting currency.
    cast(round(pairs.seconds_apart / 60, 2) as double) as minutes_apart,    -- Minutes between the two times.
    cast(pairs.amount as decimal(18, 4)) as amount,        -- Amount of the one that was compared, in the reporting currency.
    cast(pairs.other_amount as decimal(18, 4)) as other_amount,    -- Amount of the other that was compared.
    one.order_id,                                          -- Real order of the one.
    other.order_id as other_order_id,                      -- Real order of the other; the same when they are merged.
    one.ordered_at,                                        -- When the one was placed, UTC.
    other.ordered_at as other_ordered_at,                  -- When the other was placed, UTC.
    one.file_id,                                           -- File of the one; see ops.files.
    one.line_number,                                       -- Line of that file.
    other.file_id as other_file_id,                        -- File of the other.
    other.line_number as other_line_number                 -- Line of that file.
from every_pair as pairs
join orders as one on one.source_system = pairs.source_system and one.order_ref = pairs.order_ref
join orders as other on other.source_system = other_source_system and other.order_ref = other_order_ref
