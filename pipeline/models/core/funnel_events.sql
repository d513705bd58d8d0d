-- One row per funnel and thing done that one of its steps or exclusions takes: narrow, so that funnels read it and no more.
-- Purchases are the order books', which say who bought but not in which visit or of which attribute; funnels that count
-- visits or hold attributes constant take what the visit itself says.
-- grain: funnel_index, entity_id, event_id
with

funnels as (select * from config.funnels),

parts as (
    select funnel_index, part, interactions, page_regex, stage, condition from config.funnel_steps
    union all
    select funnel_index, part, interactions, page_regex, stage, condition from config.funnel_exclusions
),

points as not materialized (
    -- Pages count only where a rule asks for them.
    select
        touchpoint_id, customer_id, session_id, occurred_at, interaction, coalesce(stage, '') as stage,
        case when are_asked then coalesce(page_path, '') else '' end as page
    from core.touchpoints
    cross join (select count(page_regex) > 0 as are_asked from parts)
    where not is_machine and not is_test
),

-- Few, so that rules are tried on kinds of events and not on each.
combinations as (select distinct interaction, stage, page from points),

matches as (
    select
        combinations.interaction, combinations.stage, combinations.page, parts.funnel_index,
        bit_or(cast(1 as bigint) << parts.part) as parts
    from combinations
    join parts
        on list_contains(parts.interactions, combinations.interaction)
        or parts.stage = combinations.stage
        or regexp_full_match(nullif(combinations.page, ''), parts.page_regex)
    join funnels using (funnel_index)
    where not funnels.uses_orders
        or regexp_full_match(nullif(combinations.page, ''), parts.page_regex)
        or not (
            combinations.interaction in ('purchase', 'store_purchase') or coalesce(parts.stage, '') = 'purchase')
    group by all
),

asking as (select distinct funnel_index from parts where condition is not null),

bought as (
    select
        cast(md5('order ' || order_id) as uuid) as event_id, customer_id, counted_until_at as occurred_at,
        case when sale_channel = 'store' then 'store_purchase' else 'purchase' end as interaction
    from core.orders
    where is_conversion and customer_id is not null
),

answered as (
    select
        asking.funnel_index, asked.touchpoint_id,
        funnel_conditions(
            asking.funnel_index, asked.touchpoint_id, asked.customer_id, asked.occurred_at, asked.time_precision,
            asked.time_note, asked.source_system, asked.interaction, asked.event_name, asked.stage,
            asked.channel, asked.channel_rule, asked.source, asked.medium, asked.campaign,
            asked.campaign_id, asked.content, asked.term, asked.session_id, asked.page_url, asked.page_path,
            asked.referrer, asked.product_ref, asked.order_ref, asked.amount, asked.currency,
            asked.amount_reporting, asked.duration_seconds, asked.device_category, asked.country,
            asked.region, asked.location_ref, asked.agent_ref, asked.experiment, asked.variant,
            asked.is_machine, asked.machine_reason, asked.is_test, asked.test_reason, asked.detail,
            asked.file_id, asked.line_number) as parts
    from core.touchpoints as asked
    cross join asking
    where not asked.is_machine and not asked.is_test
),

fitting as (
    select
        matches.funnel_index, points.touchpoint_id as event_id, points.customer_id, points.session_id,
        points.occurred_at, matches.parts, false as is_order
    from points
    join matches using (interaction, stage, page)
    where matches.funnel_index not in (select funnel_index from asking)
    union all
    select
        answered.funnel_index, points.touchpoint_id, points.customer_id, points.session_id, points.occurred_at,
        answered.parts | coalesce(matches.parts, 0) as all_parts, false
    from answered
    join points using (touchpoint_id)
    left join matches
        on matches.funnel_index = answered.funnel_index and matches.interaction = points.interaction
        and matches.stage = points.stage and matches.page = points.page
    where all_parts <> 0
    union all
    select parts.funnel_index, event_id, customer_id, null, occurred_at, bit_or(cast(1 as bigint) << part), true
    from bought
    join parts on list_contains(parts.interactions, bought.interaction) or parts.stage = 'purchase'
    where parts.funnel_index in (select funnel_index from funnels where uses_orders)
    group by all
),

held as (
    select
        fitting.funnel_index, fitting.event_id,
        hash(list_transform(funnels.hold_constant, lambda name: touchpoint_text(name, origins))) as hold_key
    from fitting
    join funnels on funnels.funnel_index = fitting.funnel_index and len(funnels.hold_constant) > 0
    join core.touchpoints as origins on origins.touchpoint_id = fitting.event_id
)

select
    fitting.funnel_index,                                  -- Funnel in config.funnels.
    cast(case when funnels.count_unit = 'sessions' then fitting.session_id else fitting.customer_id end as ubigint) as entity_id,    -- Who is counted: the customer, or the visit.
    fitting.event_id,                                      -- The touchpoint; of a purchase a number made of its order's.
    fitting.occurred_at,                                   -- When, UTC.
    fitting.parts,                                         -- What of the funnel it fits, as bits: bit p for part p of config.funnel_steps and config.funnel_exclusions.
    coalesce(held.hold_key, 0) as hold_key,                -- Stands for the values that are held constant; 0 where none is.
    fitting.is_order                                       -- It is a purchase of the order books.
from fitting
join funnels on funnels.funnel_index = fitting.funnel_index
left join held on held.funnel_index = fitting.funnel_index and held.event_id = fitting.event_id
where case when funnels.count_unit = 'sessions' then fitting.session_id else fitting.customer_id end is not null
