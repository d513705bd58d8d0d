-- One row per funnel and kind of thing done that a step or exclusion takes by another test than SQL: few, so that rules are
-- tried on kinds and not on each thing.
-- Purchases are the order books', which say who bought but not in which visit or of which attribute; funnels that count
-- visits or hold attributes constant take what the visit itself says.
-- grain: funnel_index, interaction, stage, page, is_order
with

funnels as (select * from config.funnels),

parts as (
    select funnel_index, part, interactions, page_regex, stage from config.funnel_steps
    union all
    select funnel_index, part, interactions, page_regex, stage from config.funnel_exclusions
),

-- Pages count only where a rule asks for them.
counted as (
    select
        interaction, coalesce(stage, '') as stage, case when are_asked then coalesce(page_path, '') else '' end as page,
        customer_id is not null as has_customer, session_id is not null as has_session,
        count(*) as count_events, min(occurred_at) as first_at, max(occurred_at) as last_at
    from core.touchpoints
    cross join (select count(page_regex) > 0 as are_asked from parts)
    where not is_machine and not is_test
    group by all
),

bought as (
    select
        case when sale_channel = 'store' then 'store_purchase' else 'purchase' end as interaction,
        count(*) as count_events, min(counted_until_at) as first_at, max(counted_until_at) as last_at
    from core.orders
    where is_conversion and customer_id is not null
    group by all
),

matches as (
    select
        parts.funnel_index, parts.part, counted.interaction, counted.stage, counted.page, false as is_order,
        case when case when count_unit = 'sessions' then has_session else has_customer end then count_events else 0 end as found,
        case when found > 0 then first_at end as found_first, case when found > 0 then last_at end as found_last
    from counted
    join parts
        on list_contains(parts.interactions, counted.interaction)
        or parts.stage = counted.stage
        or regexp_full_match(nullif(counted.page, ''), parts.page_regex)
    join funnels using (funnel_index)
    where not funnels.uses_orders
        or regexp_full_match(nullif(counted.page, ''), parts.page_regex)
        or not (counted.interaction in ('purchase', 'store_purchase') or coalesce(parts.stage, '') = 'purchase')
    union all
    select
        parts.funnel_index, parts.part, bought.interaction, 'purchase', '', true,
        bought.count_events, bought.first_at, bought.last_at
    from bought
    join parts on list_contains(parts.interactions, bought.interaction) or parts.stage = 'purchase'
    join funnels on funnels.funnel_index = parts.funnel_index and funnels.uses_orders
),

-- A kind is there for each of its parts, and for who is known of it or not.
each as (
    select funnel_index, part, interaction, stage, page, is_order, sum(found) as found, min(found_first) as first_at, max(found_last) as last_at
    from matches
    group by all
)

select
    funnel_index,                                          -- Funnel in config.funnels.
    interaction,                                           -- What was done.
    stage,                                                 -- Stage that it is evidence of; empty where of none.
    page,                                                  -- Path of the page; empty where no funnel asks for pages.
    is_order,                                              -- It is a purchase of the order books.
    bit_or(cast(1 as bigint) << part) as parts,            -- What of the funnel it fits, as bits: bit p for part p of config.funnel_steps and config.funnel_exclusions.
    cast(max(found) as bigint) as count_events,            -- How often it was done by somebody whom the funnel can count.
    min(first_at) as first_at,                             -- When first, UTC.
    max(last_at) as last_at                                -- When last, UTC.
from each
group by funnel_index, interaction, stage, page, is_order
