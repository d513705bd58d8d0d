-- One row per order as one source has it: the number it shares with other systems, if any.
-- grain: source_system, order_ref
with

rows as (select * from validated.orders),

once as (
    -- A page that reports its order twice is still one order of that source.
    select source_system, order_ref, min(ordered_at) as ordered_at, flatten(list(alt_order_refs)) as numbers
    from rows
    group by source_system, order_ref
),

numbered as (
    select distinct
        source_system, order_ref,
        upper(regexp_replace(unnest(numbers), '[#\s]', '', 'g')) as order_number
    from once
),

shared as (
    -- A number that stands for too many people is no order number; identity says which these are.
    select distinct value as order_number from identity.shared_identifiers where kind = 'order'
),

usable as (
    select source_system, order_ref, order_number
    from numbered
    cross join config.settings
    where match_orders_by_number and order_number <> '' and order_number not in (select order_number from shared)
),

smallest as (
    select source_system, order_ref, min(order_number) as order_number from usable group by source_system, order_ref
),

joined as (
    -- An order with two numbers joins what goes by either.
    select usable.order_number, min(smallest.order_number) as first_number
    from usable
    join smallest using (source_system, order_ref)
    group by usable.order_number
),

named as (
    select usable.source_system, usable.order_ref, min(joined.first_number) as order_number
    from usable
    join joined using (order_number)
    group by usable.source_system, usable.order_ref
)

select
    once.source_system,                                    -- System that has the order.
    once.order_ref,                                        -- Its number there.
    coalesce(named.order_number, once.source_system || ' ' || once.order_ref) as number_id,    -- The number systems share, else the system's own.
    named.order_number is not null as is_shared,           -- Another system could have the order under this number.
    once.ordered_at                                        -- When the source says it was placed, UTC.
from once
left join named using (source_system, order_ref)
