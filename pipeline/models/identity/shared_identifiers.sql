-- One row per identifier that joins more others of a kind than one person has: it is a way of contact, not who somebody is.
-- grain: kind, value, joins_kind
with

links as (select kind, value, other_kind, other_value from identity.links),

limits as (select * from config.identifier_limits),

hubs as (
    -- What stands in the same row is linked to its account or record; limits count it as joined.
    select * from links where kind in ('person_key', 'user_id')
),

direct as (
    select links.kind, links.value, links.other_kind as joins_kind, links.other_value as joins_value
    from links
    semi join limits on limits.kind = links.kind and limits.joins_kind = links.other_kind
    union all
    select links.other_kind, links.other_value, links.kind, links.value
    from links
    semi join limits on limits.kind = links.other_kind and limits.joins_kind = links.kind
),

hub_sizes as (
    select hubs.kind, hubs.value, hubs.other_kind as joins_kind, count(*) as n
    from hubs
    where hubs.other_kind in (select joins_kind from limits)
    group by hubs.kind, hubs.value, hubs.other_kind
),

counted_twice as (
    -- At most so many: cheap to add up, and mostly far below the limit.
    select kind, value, joins_kind, 1 as n from direct
    union all
    select hubs.other_kind, hubs.other_value, sizes.joins_kind, sizes.n
    from hubs
    join hub_sizes as sizes on sizes.kind = hubs.kind and sizes.value = hubs.value and sizes.joins_kind <> hubs.other_kind
    semi join limits on limits.kind = hubs.other_kind and limits.joins_kind = sizes.joins_kind
),

suspects as (
    select counted_twice.kind, counted_twice.value, counted_twice.joins_kind
    from counted_twice
    join limits using (kind, joins_kind)
    group by counted_twice.kind, counted_twice.value, counted_twice.joins_kind
    having sum(n) > min(most)
),

sides as (
    select kind, value, joins_kind, joins_value from direct
    semi join suspects using (kind, value, joins_kind)
    union
    select one.other_kind, one.other_value, other.other_kind, other.other_value
    from suspects
    join hubs as one on one.other_kind = suspects.kind and one.other_value = suspects.value
    join hubs as other
        on other.kind = one.kind and other.value = one.value and other.other_kind = suspects.joins_kind
        and other.other_kind <> one.other_kind
),

counted as (
    select kind, value, joins_kind, count(*) as count_joined
    from sides
    group by kind, value, joins_kind
)

select
    counted.kind,                                          -- Kind of the identifier.
    counted.value,                                         -- The identifier.
    counted.joins_kind,                                    -- Kind of the identifiers it joins.
    counted.count_joined,                                  -- How many of them it joins.
    limits.most,                                           -- How many it may join.
    limits.rule                                            -- Rule that says so.
from counted
join limits
    on limits.kind = counted.kind and limits.joins_kind = counted.joins_kind
where counted.count_joined > limits.most
