-- One row per step done in a funnel that keeps an order and is not plain: where the next step is done from there, if it ever is.
-- The next step is the earliest event that fits it and is not more than the grace earlier. No way leads back across an
-- event that fits several steps, so that none counts twice. Only what clearly lies between two steps, by more than the
-- grace, parts them.
-- grain: funnel_index, entity_id, level, place
with

funnels as (select *, grace_seconds * interval 1 second as grace from config.funnels where mode <> 'any'),

kinds as (
    select distinct_parts.funnel_index, distinct_parts.parts, steps.level,
        count(*) over of_kind > 1 as is_several,
        min(steps.level) over of_kind as first_level
    from (select distinct funnel_index, parts from core.funnel_events) as distinct_parts
    join core.funnel_steps as steps
        on steps.funnel_index = distinct_parts.funnel_index and steps.is_counted and distinct_parts.parts & (cast(1 as bigint) << steps.part) <> 0
    window of_kind as (partition by distinct_parts.funnel_index, distinct_parts.parts)
),

placed as (
    select
        events.*, funnels.grace, funnels.entry,
        row_number() over in_order as place,
        coalesce(lag(parts) over in_order = parts and lag(hold_key) over in_order = hold_key
            and (lead(occurred_at) over in_order > occurred_at + grace or lead(occurred_at) over in_order is null),
            false) as is_repeat,
        1 + count(*) over (
            partition by events.funnel_index, entity_id order by occurred_at
            range between unbounded preceding and (grace + interval 1 microsecond) preceding) as first_near
    from core.funnel_events as events
    join funnels on funnels.funnel_index = events.funnel_index
    window in_order as (partition by events.funnel_index, entity_id order by occurred_at, event_id)
),

nodes as (
    -- A later step done again at once is never the earliest that follows anything, unless the grace reaches back to it.
    select placed.* exclude (is_repeat, entry), kinds.level, kinds.is_several
    from placed
    join kinds using (funnel_index, parts)
    where not (is_repeat and first_level > 1 and entry = 'closed')
),

-- Few funnels have events that fit several steps, or exclusions: only theirs are looked for.
crossing as (select distinct funnel_index from kinds where is_several),

bounded as (
    select nodes.* exclude (is_several), first_near as first_place
    from nodes
    anti join crossing using (funnel_index)
    union all
    select crossed.* exclude (is_several), greatest(crossed.first_near, 1 + coalesce(several.place, 0))
    from (select * from nodes semi join crossing using (funnel_index)) as crossed
    asof left join (select distinct funnel_index, entity_id, hold_key, place from nodes where is_several) as several
        on several.funnel_index = crossed.funnel_index and several.entity_id = crossed.entity_id
        and several.hold_key = crossed.hold_key and crossed.place >= several.place
),

stops as (
    select events.funnel_index, entity_id, hold_key, level, occurred_at, bool_or(how = 'remove') as is_removal
    from core.funnel_events as events
    join config.funnel_exclusions as exclusions
        on exclusions.funnel_index = events.funnel_index and events.parts & (cast(1 as bigint) << exclusions.part) <> 0
    join core.funnel_steps as steps
        on steps.funnel_index = events.funnel_index and steps.step_index >= exclusions.after_step and steps.step_index < exclusions.before_step
    where steps.is_counted
    group by all
),

stopped as (
    select bounded.*, cast(null as timestamp) as stopped_at, false as is_removal
    from bounded
    anti join config.funnel_exclusions using (funnel_index)
    union all
    select excluding.*, stops.occurred_at, stops.is_removal
    from (select * from bounded semi join config.funnel_exclusions using (funnel_index)) as excluding
    asof left join stops
        on stops.funnel_index = excluding.funnel_index and stops.entity_id = excluding.entity_id
        and stops.hold_key = excluding.hold_key and stops.level = excluding.level
        and excluding.occurred_at + excluding.grace < stops.occurred_at
),

followed as (
    select stopped.*, nexts.place as near_place, nexts.occurred_at as near_at
    from stopped
    asof left join nodes as nexts
        on nexts.funnel_index = stopped.funnel_index and nexts.entity_id = stopped.entity_id
        and nexts.hold_key = stopped.hold_key and nexts.level = stopped.level + 1
        and stopped.first_place <= nexts.place
)

select
    followed.funnel_index,                                 -- Funnel in config.funnels.
    followed.entity_id,                                    -- Who is counted.
    followed.hold_key,                                     -- Stands for the values that are held constant.
    followed.level,                                        -- Step that was done.
    followed.place,                                        -- Place of the event among those of the same funnel and entity.
    followed.event_id,                                     -- The event.
    followed.occurred_at,                                  -- When, UTC.
    case
        when (funnels.step_max_gap_days is null or near_at <= followed.occurred_at + funnels.step_max_gap_days * interval 1 day)
            and (stopped_at is null or stopped_at >= near_at - followed.grace)
            and (funnels.mode <> 'strict' or coalesce(before.count_before, 0) <= coalesce(upto.count_upto, 0))
            then near_place
    end as next_place,                                     -- Place of the event that is the next step; null where there is none.
    stopped_at,                                            -- First event after it that an exclusion takes.
    is_removal                                             -- That exclusion removes from the whole funnel.
from followed
join funnels on funnels.funnel_index = followed.funnel_index
left join core.funnel_neighbours as before
    on before.funnel_index = followed.funnel_index and before.entity_id = followed.entity_id and before.occurred_at = followed.near_at
left join core.funnel_neighbours as upto
    on upto.funnel_index = followed.funnel_index and upto.entity_id = followed.entity_id and upto.occurred_at = followed.occurred_at
