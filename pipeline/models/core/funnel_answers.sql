-- One row per funnel with SQL conditions and touchpoint that a step or exclusion of it takes, by SQL or another test.
-- grain: funnel_index, entity_id, event_id
with

asking as (
    select funnel_index, count_unit
    from config.funnels
    semi join (
        select funnel_index from config.funnel_steps where condition is not null
        union all
        select funnel_index from config.funnel_exclusions where condition is not null
    ) using (funnel_index)
),

paged as (
    select count(*) > 0 as are_asked from core.funnel_kinds where page <> ''
),

answered as (
    select
        asking.funnel_index, asked.touchpoint_id, asked.occurred_at,
        case when asking.count_unit = 'sessions' then asked.session_id else asked.customer_id end as entity_id,
        asked.interaction, coalesce(asked.stage, '') as stage,
        case when are_asked then coalesce(asked.page_path, '') else '' end as page,
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
    cross join paged
    where not asked.is_machine and not asked.is_test
)

select
    answered.funnel_index,                                 -- Funnel in config.funnels.
    cast(answered.entity_id as ubigint) as entity_id,      -- Who is counted: the customer, or the visit.
    answered.touchpoint_id as event_id,                    -- The touchpoint.
    answered.occurred_at,                                  -- When, UTC.
    answered.parts | coalesce(kinds.parts, 0) as parts     -- What of the funnel it fits, as bits.
from answered
left join core.funnel_kinds as kinds
    on kinds.funnel_index = answered.funnel_index and kinds.interaction = answered.interaction
    and kinds.stage = answered.stage and kinds.page = answered.page and not kinds.is_order
where answered.entity_id is not null and answered.parts | coalesce(kinds.parts, 0) <> 0
