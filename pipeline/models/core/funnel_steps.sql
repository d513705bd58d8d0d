-- One row per funnel and declared step: how often it is found, and the nearest that exists where it never is.
-- A funnel of which a step that has to be there is not found is refused: none of its steps counts.
-- grain: funnel_index, step_index
with

steps as (select * from config.funnel_steps),

found as (
    select funnel_index, parts, count_events, first_at, last_at
    from core.funnel_kinds
    where count_events > 0 and (is_order or funnel_index not in (
        select funnel_index from steps where condition is not null
        union all
        select funnel_index from config.funnel_exclusions where condition is not null))
    union all
    select funnel_index, parts, count(*), min(occurred_at), max(occurred_at)
    from core.funnel_answers
    group by funnel_index, parts
),

fitting as (
    select steps.funnel_index, steps.step_index, found.parts, found.count_events, found.first_at, found.last_at
    from steps
    left join found
        on found.funnel_index = steps.funnel_index and found.parts & (cast(1 as bigint) << steps.part) <> 0
),

counted as (
    select
        funnel_index, step_index, coalesce(sum(count_events), 0) as count_events,
        min(first_at) as first_at, max(last_at) as last_at
    from fitting
    group by funnel_index, step_index
),

crossing as (select distinct funnel_index from fitting where parts is not null group by funnel_index, parts having count(distinct step_index) > 1),

unfound as (
    select steps.* from steps join counted using (funnel_index, step_index) where counted.count_events = 0
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
    from asked join there on there.kind = asked.kind
    group by asked.funnel_index, asked.step_index
),

levels as (
    select
        steps.*, counted.count_events, counted.first_at, counted.last_at, funnels.mode, funnels.entry,
        mode = 'loose' and entry = 'closed' and count_unit <> 'entries' and step_max_gap_days is null
        and len(coalesce(hold_constant, [])) = 0
        and steps.funnel_index not in (select funnel_index from config.funnel_exclusions)
        and steps.funnel_index not in (select funnel_index from crossing) as is_plain,
        counted.count_events = 0 and not steps.is_optional and data.is_there as is_missing,
        (counted.count_events > 0 or not steps.is_optional)
        and not bool_or(is_missing) over (partition by steps.funnel_index) as is_counted,
        list_has_any(steps.interactions, ['purchase', 'store_purchase']) or coalesce(steps.stage, '') = 'purchase' as takes_orders
    from steps
    join config.funnels as funnels using (funnel_index)
    join counted using (funnel_index, step_index)
    cross join (select count(*) > 0 as is_there from core.touchpoints) as data
),

placed as (
    select
        *,
        case when is_counted then cast(count(*) filter (where is_counted) over (partition by funnel_index order by step_index) as integer) end as level,
        case when level = 1 or mode = 'any' or entry = 'open' then first_at end as first_begun_at,
        case when first_begun_at is not null then last_at end as last_begun_at
    from levels
)

select
    placed.funnel_index,                                   -- Funnel in config.funnels.
    placed.step_index,                                     -- Place of the step as declared.
    placed.step,                                           -- Name of the step.
    placed.part,                                           -- Its bit in core.funnel_actions.
    cast(count_events as bigint) as count_events,          -- Events of the whole data that it takes.
    is_missing,                                            -- It has to be there, and nothing in the data fits it: the funnel is refused.
    is_counted,                                            -- It counts: the funnel is not refused, and it is no optional step that nothing fits.
    level,                                                 -- Its place among the steps that count; null when it does not.
    is_counted and mode <> 'any'
    and not bool_or(takes_orders) over (partition by placed.funnel_index order by placed.step_index)
    and coalesce(bool_or(is_counted) over (
        partition by placed.funnel_index order by placed.step_index
        rows between 1 following and unbounded following), false) as is_on_the_way,    -- Who stops here stops on the way to an order: a step follows, and none up to it is a purchase; false in any order.
    case
        when len(placed.interactions) > 0 then 'interaction ' || array_to_string(placed.interactions, ' or ')
        when placed.stage is not null then 'stage ' || placed.stage
        when placed.page_regex is not null then 'page ' || placed.page_regex
        else 'SQL ' || placed.condition
    end as takes,                                          -- What it takes, in words.
    case when max(last_begun_at) over () - min(first_begun_at) over () > interval 182 day then 'month' else 'week' end as period_unit,    -- How entries are put together in time: by week, or by month where the ways of all funnels begin within more than half a year.
    is_plain,                                              -- The funnel is plain: in order, of people or visits from the first step on, where nothing takes anybody out, nothing is held constant, no gap is set, and no event fits two steps. core.funnel_ways follows it, core.funnel_links all others.
    nearest.nearest_name                                   -- Of a step that nothing fits: the nearest that the data has; null of SQL.
from placed
left join nearest using (funnel_index, step_index)
