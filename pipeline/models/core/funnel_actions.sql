-- One row per funnel and thing done that a step or exclusion takes: not stored, as who reads it needs few columns of few.
-- kind: view
-- grain: funnel_index, entity_id, event_id
with

asking as (
    select funnel_index from config.funnel_steps where condition is not null
    union
    select funnel_index from config.funnel_exclusions where condition is not null
),

paged as (
    select count(*) > 0 as are_asked from core.funnel_kinds where page <> ''
),

levels as (
    select funnel_index, count_unit, is_plain, level, cast(1 as bigint) << part as bit
    from core.funnel_steps
    join config.funnels using (funnel_index)
    where is_counted
),

-- Of a plain funnel a kind fits one step.
told as (
    select
        kinds.funnel_index, kinds.interaction, kinds.stage, kinds.page, kinds.is_order, kinds.parts,
        any_value(levels.count_unit) as count_unit, any_value(levels.is_plain) as is_plain,
        min(levels.level) filter (where kinds.parts & levels.bit <> 0) as level
    from core.funnel_kinds as kinds
    join levels on levels.funnel_index = kinds.funnel_index
    where kinds.is_order or kinds.funnel_index not in (select funnel_index from asking)
    group by all
),

found as (
    select
        told.funnel_index, told.is_plain, told.level, told.parts, false as is_order,
        case when told.count_unit = 'sessions' then points.session_id else points.customer_id end as entity_id,
        points.touchpoint_id as event_id, points.occurred_at
    from core.touchpoints as points
    cross join paged
    join told
        on told.interaction = points.interaction and told.stage = coalesce(points.stage, '')
        and told.page = case when are_asked then coalesce(points.page_path, '') else '' end
    where not points.is_machine and not points.is_test and not told.is_order
    union all
    select
        told.funnel_index, told.is_plain, told.level, told.parts, true, orders.customer_id,
        cast(md5('order ' || orders.order_id) as uuid), orders.counted_until_at
    from core.orders as orders
    join told
        on told.is_order
        and told.interaction = case when orders.sale_channel = 'store' then 'store_purchase' else 'purchase' end
    where orders.is_conversion
    union all
    select
        answers.funnel_index, steps.is_plain, steps.level, answers.parts, false, answers.entity_id, answers.event_id,
        answers.occurred_at
    from core.funnel_answers as answers
    join (
        select answered.funnel_index, parts, any_value(is_plain) as is_plain, min(level) filter (where parts & bit <> 0) as level
        from (select distinct funnel_index, parts from core.funnel_answers) as answered
        join levels on levels.funnel_index = answered.funnel_index
        group by all
    ) as steps on steps.funnel_index = answers.funnel_index and steps.parts = answers.parts
)

select
    funnel_index,                                          -- Funnel in config.funnels.
    cast(entity_id as ubigint) as entity_id,               -- Who is counted: the customer, or the visit.
    event_id,                                              -- The touchpoint; of a purchase a number made of its order's.
    occurred_at,                                           -- When, UTC.
    is_plain,                                              -- The funnel is plain, as in core.funnel_steps.
    level,                                                 -- First step that it fits; of a plain funnel it fits no other.
    parts,                                                 -- What of the funnel it fits, as bits: bit p for part p of config.funnel_steps and config.funnel_exclusions.
    is_order                                               -- It is a purchase of the order books.
from found
where entity_id is not null
