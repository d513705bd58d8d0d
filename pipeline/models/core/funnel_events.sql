-- One row per funnel that is not plain and thing done that a step or exclusion takes: narrow and in one place, as many read it.
-- grain: funnel_index, entity_id, event_id
with

chosen as (
    select funnel_index, entity_id, event_id, occurred_at, parts, is_order from core.funnel_actions where not is_plain
),

held as (
    select
        chosen.funnel_index, chosen.event_id,
        hash(list_transform(funnels.hold_constant, lambda name: touchpoint_text(name, origins))) as hold_key
    from chosen
    join config.funnels as funnels on funnels.funnel_index = chosen.funnel_index and len(funnels.hold_constant) > 0
    join core.touchpoints as origins on origins.touchpoint_id = chosen.event_id
)

select
    chosen.funnel_index,                                   -- Funnel in config.funnels.
    chosen.entity_id,                                      -- Who is counted: the customer, or the visit.
    chosen.event_id,                                       -- The touchpoint; of a purchase a number made of its order's.
    chosen.occurred_at,                                    -- When, UTC.
    chosen.parts,                                          -- What of the funnel it fits, as bits, as in core.funnel_actions.
    coalesce(held.hold_key, 0) as hold_key,                -- Stands for the values that are held constant; 0 where none is.
    chosen.is_order                                        -- It is a purchase of the order books.
from chosen
left join held on held.funnel_index = chosen.funnel_index and held.event_id = chosen.event_id
