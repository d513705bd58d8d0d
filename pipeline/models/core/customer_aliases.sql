-- One row per customer number of an earlier night whose identifiers lead to another one now.
-- grain: customer_id_before, customer_id
with

moved as (
    select customer_id_before, customer_id, min(moved_at) as since, count(*) filter (where kind <> 'order') as count_identifiers
    from identity.identifier_moves
    group by customer_id_before, customer_id
),

alive as (select distinct customer_id from identity.identifiers)

select
    moved.customer_id_before,                              -- Number of the customer before.
    moved.customer_id,                                     -- Number of the customer now.
    case when alive.customer_id is null then 'merged' else 'split' end as reason,    -- merged: nobody has the number before any more; split: both are customers, and these identifiers went from the one to the other.
    moved.since,                                           -- Time that the first night which says so was looked at from, UTC.
    moved.count_identifiers                                -- Identifiers that went, order numbers aside.
from moved
left join alive on alive.customer_id = moved.customer_id_before
