-- One row per thing done in a funnel of any order and count of steps done from there: which, when, and whether it counts.
-- An event stands for the first step that it fits, so that it never counts for two.
-- grain: funnel_index, entity_id, start_place, steps_done
with

funnels as (select *, grace_seconds * interval 1 second as grace from config.funnels where mode = 'any'),

steps as (select * from core.funnel_steps where is_counted),

kinds as (
    select distinct_parts.funnel_index, distinct_parts.parts, min(steps.level) as level
    from (select distinct funnel_index, parts from core.funnel_events) as distinct_parts
    join steps
        on steps.funnel_index = distinct_parts.funnel_index
        and distinct_parts.parts & (cast(1 as bigint) << steps.part) <> 0
    group by all
),

nodes as (
    select
        events.*, kinds.level, funnels.grace,
        row_number() over (partition by events.funnel_index, entity_id order by occurred_at, event_id) as place
    from core.funnel_events as events
    join funnels on funnels.funnel_index = events.funnel_index
    join kinds on kinds.funnel_index = events.funnel_index and kinds.parts = events.parts
),

wanted as (
    select nodes.funnel_index, entity_id, hold_key, place as start_place, steps.level
    from nodes
    join steps on steps.funnel_index = nodes.funnel_index
),

done as (
    select
        wanted.*, nodes.place, nodes.event_id, nodes.occurred_at, nodes.grace,
        row_number() over in_order as steps_done,
        lag(nodes.occurred_at) over in_order as previous_at
    from wanted
    asof join nodes
        on nodes.funnel_index = wanted.funnel_index and nodes.entity_id = wanted.entity_id
        and nodes.hold_key = wanted.hold_key and nodes.level = wanted.level and wanted.start_place <= nodes.place
    window in_order as (
        partition by wanted.funnel_index, wanted.entity_id, wanted.hold_key, wanted.start_place order by nodes.place)
),

stops as (
    select
        events.funnel_index, entity_id, hold_key, steps.level as steps_done, occurred_at,
        bool_or(how = 'remove') as is_removal
    from core.funnel_events as events
    join config.funnel_exclusions as exclusions
        on exclusions.funnel_index = events.funnel_index
        and events.parts & (cast(1 as bigint) << exclusions.part) <> 0
    join steps
        on steps.funnel_index = events.funnel_index
        and steps.level >= exclusions.after_step and steps.level < exclusions.before_step
    group by all
),

stopped as (
    select done.*, stops.occurred_at as stopped_at, stops.is_removal
    from done
    asof left join stops
        on stops.funnel_index = done.funnel_index and stops.entity_id = done.entity_id
        and stops.hold_key = done.hold_key and stops.steps_done = done.steps_done
        and done.occurred_at + done.grace < stops.occurred_at
),

tested as (
    select
        *,
        steps_done = 1
        or (lag(stopped_at) over in_order is null or lag(stopped_at) over in_order >= occurred_at - grace) as is_linked
    from stopped
    window in_order as (partition by funnel_index, entity_id, hold_key, start_place order by steps_done)
)

select
    tested.funnel_index,                                   -- Funnel in config.funnels.
    tested.entity_id,                                      -- Who is counted.
    tested.hold_key,                                       -- Stands for the values that are held constant.
    tested.start_place,                                    -- Place of the event that is looked from.
    tested.steps_done,                                     -- Steps done from there on, this one counted.
    tested.level,                                          -- Step that was done.
    tested.place,                                          -- Place of the event among those of the same funnel and entity.
    tested.event_id,                                       -- The event.
    tested.occurred_at,                                    -- When, UTC.
    bool_and(is_linked and coalesce(tested.occurred_at <= previous_at + funnels.step_max_gap_days * interval 1 day, true)) over (
        partition by tested.funnel_index, tested.entity_id, tested.hold_key, tested.start_place order by steps_done) as is_reached,    -- No exclusion and no long gap lies on the way to it.
    tested.stopped_at,                                     -- First event after it that an exclusion takes.
    tested.is_removal                                      -- That exclusion removes from the whole funnel.
from tested
join funnels on funnels.funnel_index = tested.funnel_index
