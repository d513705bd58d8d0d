-- One row per counted entry and attribute that its funnel is broken down by: the value that stands for it.
-- grain: funnel_index, entity_id, start_place, start_level, breakdown_index
with

entries as (select * from core.funnel_entries where is_counted or is_counted_complete),

broken as (select * from config.funnel_breakdowns where value_of <> 'journey'),

steps as (
    select entries.funnel_index, entries.entity_id, entries.start_place, entries.start_level, level, place, reached_at, nth
    from (select * from entries semi join broken using (funnel_index)) as entries
    join core.funnel_reached as reached
        on reached.funnel_index = entries.funnel_index and reached.entity_id = entries.entity_id
        and reached.start_place = entries.start_place and reached.start_level = entries.start_level
),

events as (
    select funnel_index, entity_id, level, place, event_id from core.funnel_links
    union all
    select funnel_index, entity_id, level, place, event_id from core.funnel_unordered where steps_done = 1
),

timed as (
    -- Of plain funnels: what was done then, of equal ones the first.
    select steps.funnel_index, steps.entity_id, steps.start_place, steps.start_level, steps.level, steps.nth, min(done.event_id) as event_id
    from steps
    join core.funnel_actions as done
        on done.funnel_index = steps.funnel_index and done.entity_id = steps.entity_id
        and done.level = steps.level and done.occurred_at = steps.reached_at and done.is_plain
    where steps.place is null
    group by all
),

placed as (
    select * from timed
    union all
    select steps.funnel_index, steps.entity_id, steps.start_place, steps.start_level, steps.level, steps.nth, events.event_id
    from steps
    join events using (funnel_index, entity_id, level, place)
),

done as (
    select placed.*, broken.breakdown_index, broken.value_of, broken.step_index, touchpoint_text(broken.breakdown, points) as said
    from placed
    join broken using (funnel_index)
    left join core.touchpoints as points on points.touchpoint_id = placed.event_id
),

valued as (
    select
        done.funnel_index, entity_id, start_place, start_level, breakdown_index,
        case any_value(value_of)
            when 'first' then max(nullif(said, '')) filter (where nth = 1)
            when 'last' then arg_max(nullif(said, ''), nth)
            when 'step' then max(nullif(said, '')) filter (where declared.step_index = done.step_index)
            else case when count(distinct said) = 1 and count(said) = count(*) then min(said) else '(differs)' end
        end as value
    from done
    join core.funnel_steps as declared on declared.funnel_index = done.funnel_index and declared.level = done.level
    group by all
),

of_journeys as (
    select
        entries.funnel_index, entries.entity_id, entries.start_place, entries.start_level, declared.breakdown_index,
        case declared.breakdown
            when 'first_channel' then traits.first_channel
            when 'source_medium' then traits.source_medium
            when 'landing_page' then traits.landing_page
            when 'customer_kind' then traits.customer_kind
        end as value
    from entries
    join config.funnel_breakdowns as declared
        on declared.funnel_index = entries.funnel_index and declared.value_of = 'journey'
    left join config.funnels as funnels on funnels.funnel_index = entries.funnel_index
    left join core.journeys as journeys
        on funnels.count_unit <> 'sessions' and journeys.customer_id = entries.entity_id
        and entries.started_at >= journeys.started_at
        and entries.started_at < coalesce(journeys.next_started_at, timestamp '9999-12-31')
    left join core.journey_traits as traits on traits.journey_id = journeys.journey_id
),

everything as (
    select * from valued
    union all
    select * from of_journeys
)

select
    funnel_index,                                          -- Funnel in config.funnels.
    entity_id,                                             -- Who is counted.
    start_place,                                           -- Place of the event the entry begins with.
    start_level,                                           -- Step it begins with.
    breakdown_index,                                       -- Attribute in config.funnel_breakdowns.
    coalesce(value, '(not known)') as breakdown_value      -- Its value, of the step that the settings name.
from everything
