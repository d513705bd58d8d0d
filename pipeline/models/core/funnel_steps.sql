-- One row per funnel and declared step: how often it is found, and the nearest that exists where it never is.
-- grain: funnel_index, step_index
with

steps as (select * from config.funnel_steps),

found as (
    select funnel_index, parts, count(*) as count_events
    from core.funnel_events
    group by funnel_index, parts
),

counted as (
    select steps.funnel_index, steps.step_index, coalesce(sum(found.count_events), 0) as count_events
    from steps
    left join found
        on found.funnel_index = steps.funnel_index and found.parts & (cast(1 as bigint) << steps.part) <> 0
    group by steps.funnel_index, steps.step_index
),

unfound as (
    select steps.*
    from steps
    join counted using (funnel_index, step_index)
    where counted.count_events = 0
),

there as (
    select distinct 'interaction' as kind, interaction as name from core.touchpoints where exists (select 1 from unfound)
    union
    select distinct 'stage', stage from core.touchpoints where stage is not null and exists (select 1 from unfound)
    union
    select distinct 'page', page_path from core.touchpoints
    where page_path is not null and exists (select 1 from unfound where page_regex is not null)
),

asked as (
    select funnel_index, step_index, 'interaction' as kind, unnest(interactions) as wanted from unfound
    union all
    select funnel_index, step_index, 'stage', stage from unfound where stage is not null
    union all
    select funnel_index, step_index, 'page', regexp_replace(page_regex, '[^a-zA-Z0-9/_-]+', '', 'g')
    from unfound
    where page_regex is not null
),

nearest as (
    select
        asked.funnel_index, asked.step_index,
        arg_max(there.name, (jaro_winkler_similarity(asked.wanted, there.name), there.name)) as nearest_name
    from asked
    join there on there.kind = asked.kind
    group by asked.funnel_index, asked.step_index
),

levels as (
    select
        steps.*, counted.count_events, funnels.mode,
        counted.count_events > 0 or not steps.is_optional as is_counted,
        list_has_any(steps.interactions, ['purchase', 'store_purchase']) or coalesce(steps.stage, '') = 'purchase' as takes_orders
    from steps
    join config.funnels as funnels on funnels.funnel_index = steps.funnel_index
    join counted on counted.funnel_index = steps.funnel_index and counted.step_index = steps.step_index
)

select
    levels.funnel_index,                                   -- Funnel in config.funnels.
    levels.step_index,                                     -- Place of the step as declared.
    levels.step,                                           -- Name of the step.
    levels.part,                                           -- Its bit in core.funnel_events.
    cast(count_events as bigint) as count_events,          -- Events of the whole data that it takes.
    is_counted,                                            -- It is a step of the funnel; an optional one that nothing fits is left out.
    case
        when is_counted
            then cast(count(*) filter (where is_counted) over (
                partition by levels.funnel_index order by levels.step_index) as integer)
    end as level,                                          -- Its place among the steps that count; null when it is left out.
    is_counted and mode <> 'any'
    and not bool_or(takes_orders) over (partition by levels.funnel_index order by levels.step_index)
    and coalesce(bool_or(is_counted) over (
        partition by levels.funnel_index order by levels.step_index
        rows between 1 following and unbounded following), false) as is_on_the_way,    -- Who stops here stops on the way to an order: a step follows, and none up to it is a purchase; false in any order.
    case
        when len(levels.interactions) > 0 then 'interaction ' || array_to_string(levels.interactions, ' or ')
        when levels.stage is not null then 'stage ' || levels.stage
        when levels.page_regex is not null then 'page ' || levels.page_regex
        else 'SQL ' || levels.condition
    end as takes,                                          -- What it takes, in words.
    nearest.nearest_name                                   -- Of a step that nothing fits: the nearest that the data has; null of SQL.
from levels
left join nearest on nearest.funnel_index = levels.funnel_index and nearest.step_index = levels.step_index
