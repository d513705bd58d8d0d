-- One row per measure and item: how the identity graph looks, counted.
-- grain: measure, item
with

sizes as (
    select customer_id, count(*) filter (where kind <> 'order') as count_identifiers
    from identity.identifiers
    group by customer_id
),

households as (select distinct household_id, count_customers from identity.households),

counted as (
    select 'customers' as measure, kind as item, case kind when 'known' then 1 when 'guest' then 2 else 3 end as place, count(*) as n
    from core.customers
    group by kind
    union all
    select
        'identifiers_of_a_customer',
        case
            when count_identifiers <= 5 then cast(count_identifiers as varchar)
            when count_identifiers <= 10 then '6 to 10'
            when count_identifiers <= 20 then '11 to 20'
            else 'more than 20'
        end as item,
        min(count_identifiers), count(*)
    from sizes
    group by item
    union all
    select 'blocked_values', rule, 1, count(*) from identity.refused_links where other_kind = '' group by rule
    union all
    select 'refused_links', regexp_replace(rule, ', line \d+$', '') as item, 1, count(*)
    from identity.refused_links
    where other_kind <> ''
    group by item
    union all
    select 'shared_identifiers', kind, 1, count(distinct value) from identity.shared_identifiers group by kind
    union all
    select 'bridges', case when is_refused then 'refused' else 'followed' end as item, 1, count(*) from identity.bridges group by item
    union all
    select 'household_people', cast(count_customers as varchar), count_customers, count(*) from households group by count_customers
    union all
    select 'people', 'strict', 1, count(distinct strict_id) from identity.readings having count(*) > 0
    union all
    select 'people', 'default', 2, count(distinct component_id) from identity.readings having count(*) > 0
    union all
    select 'people', 'loose', 3, count(distinct loose_id) from identity.readings having count(*) > 0
    union all
    select 'aliases', reason, 1, count(*) from core.customer_aliases group by reason
)

select
    measure,                                               -- customers, identifiers_of_a_customer, blocked_values, refused_links, shared_identifiers, bridges, household_people, people (by reading) or aliases.
    item,                                                  -- What is counted: a kind, a size, a rule or a reading.
    place,                                                 -- Order of the items of a measure.
    n,                                                     -- How many; households by the people in them.
    cast(sum(n) over (partition by measure) as bigint) as n_all    -- All of the measure.
from counted
