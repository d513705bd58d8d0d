-- One row per two systems' orders without a shared number that one buyer placed within minutes for one amount.
-- grain: number_id, source_system, other_number_id, other_source_system
with

settings as (select * from config.settings where match_orders_by_amount),

buyers as (
    select value as order_key, customer_id from identity.identifiers where kind = 'order' and starts_with(value, 'of ')
),

placed as (
    -- A clock that shows minutes or days means all of the minute or day.
    select
        orders.number_id, orders.source_system, orders.order_ref, buyers.customer_id,
        orders.ordered_at as begins_at,
        orders.ordered_at + case orders.time_precision
            when 'day' then interval 1 day - interval 1 microsecond
            when 'minute' then interval 1 minute - interval 1 microsecond
            when 'second' then interval 1 second - interval 1 microsecond
            else interval 0 second
        end as ends_at,
        settings.order_minutes_apart * interval 1 minute as margin,
        [
            {'name': 'goods', 'amount': gross - coalesce(discount, 0)},
            {'name': 'with tax', 'amount': gross - coalesce(discount, 0) + coalesce(tax, 0)},
            {'name': 'with shipping', 'amount': gross - coalesce(discount, 0) + coalesce(shipping, 0)},
            {'name': 'with tax and shipping', 'amount': gross - coalesce(discount, 0) + coalesce(tax, 0) + coalesce(shipping, 0)}
        ] as amounts
    from core.source_orders as orders
    join buyers on buyers.order_key = 'of ' || orders.source_system || ' ' || orders.order_ref
    cross join settings
    where orders.status not in ('open', 'lost') and orders.gross is not null
),

days as (
    select *, unnest(range(cast(begins_at as date), cast(ends_at as date) + interval 1 day, interval 1 day)) as day from placed
),

widened as (
    select *, unnest(range(
        cast(begins_at - margin as date), cast(ends_at + margin as date) + interval 1 day, interval 1 day)) as day
    from placed
),

near as (
    select distinct
        one.number_id, one.source_system, one.order_ref, one.amounts, one.customer_id,
        other.number_id as other_number_id, other.source_system as other_source_system, other.order_ref as other_order_ref,
        other.amounts as other_amounts,
        greatest(0, date_diff('microsecond', one.ends_at, other.begins_at), date_diff('microsecond', other.ends_at, one.begins_at))
            / 1000000.0 as seconds_apart
    from widened as one
    join days as other
        on other.customer_id = one.customer_id
        and other.day = one.day
        and one.source_system < other.source_system
        and one.number_id <> other.number_id
        and other.begins_at <= one.ends_at + one.margin
        and one.begins_at <= other.ends_at + one.margin
),

unfolded as (select * exclude (amounts), unnest(amounts) as one from near),

compared as (
    select * exclude (other_amounts), unnest(other_amounts) as other from unfolded
),

closest as (
    -- Of the sums that either order shows, the two that come nearest; then the plainest of those.
    select
        number_id, source_system, order_ref, customer_id, other_number_id, other_source_system, other_order_ref, seconds_apart,
        arg_min({'one': one, 'other': other}, (abs(one.amount - other.amount), length(one.name) + length(other.name), one.name, other.name)) as best
    from compared
    group by all
)

select
    number_id,                                             -- The one order, as its numbers tell it.
    source_system,                                         -- System that has it, the first of the two by name.
    order_ref,                                             -- Its number there.
    other_number_id,                                       -- The other order.
    other_source_system,                                   -- System that has the other.
    other_order_ref,                                       -- The other's number there.
    customer_id,                                           -- Customer that both lead to.
    seconds_apart,                                         -- Seconds between the two, as far as their clocks can tell.
    best.one.amount as amount,                             -- What the one comes to, in the reporting currency.
    best.one.name as amount_is,                            -- goods, with tax, with shipping, with tax and shipping.
    best.other.amount as other_amount,                     -- What the other comes to.
    best.other.name as other_amount_is,                    -- The same of the other.
    abs(best.one.amount - best.other.amount) as amount_apart    -- How far the two sums lie apart.
from closest
cross join settings
where abs(best.one.amount - best.other.amount) <= greatest(
    settings.order_amount_tolerance, settings.order_amount_tolerance_share * greatest(best.one.amount, best.other.amount))
