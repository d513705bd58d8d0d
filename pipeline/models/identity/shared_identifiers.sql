-- One row per identifier that joins more others of a kind than one person has: it is a way of contact, not who somebody is.
-- grain: kind, value, joins_kind
with

links as (select * from identity.links),

sides as (
    -- Limits count what stands in the same row, through the identifier all of the row are linked to.
    select kind, value, other_kind as joins_kind, other_value as joins_value from links
    union
    select other_kind, other_value, kind, value from links
    union
    select a.other_kind, a.other_value, b.other_kind, b.other_value
    from links as a
    join links as b on a.kind = b.kind and a.value = b.value and a.other_kind <> b.other_kind
    where a.kind in ('person_key', 'user_id')
),

counted as (
    select kind, value, joins_kind, count(distinct joins_value) as count_joined
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
join config.identifier_limits as limits
    on limits.kind = counted.kind and limits.joins_kind = counted.joins_kind
where counted.count_joined > limits.most
