-- One row per plain funnel and way that stands for its person or visit: in the whole data, in what is complete, or in a period.
-- A step follows when it is not more than the grace earlier than the one before; the earliest that follows is taken.
-- grain: funnel_index, entity_id, start_us
with recursive

funnels as (
    select
        funnel_index, attempt = 'first' as is_first_wanted,
        epoch_us(grace_seconds * interval 1 second) as grace, epoch_us(window_days * interval 1 day) as length,
        epoch_us(as_of) - length as complete_until
    from config.funnels
    cross join config.settings
),

starts as materialized (
    select funnel_index, entity_id, start_us, period, is_first, second_us from core.funnel_starts
),

later as materialized (
    select funnel_index, entity_id, level, epoch_us(occurred_at) as us from core.funnel_actions where is_plain and level > 2
),

-- Level by level: those who got so far and the next steps of theirs, read from the end as in core.funnel_starts.
walked as (
    select funnel_index, entity_id, start_us, 2 as level, second_us as us from starts where second_us is not null
    union all
    select paired.funnel_index, entity_id, start_us, level + 1, next_us - grace
    from (
        select
            *, last_value(case when start_us is null then funnel_index end ignore nulls) over so_far as next_funnel,
            last_value(case when start_us is null then entity_id end ignore nulls) over so_far as next_entity,
            last_value(case when start_us is null then place // 2 end ignore nulls) over so_far as next_us
        from (from (
            select funnel_index, entity_id, us * 2 as place, start_us, level from walked
            union all
            select later.funnel_index, later.entity_id, (later.us + grace) * 2 + 1, null, null
            from later
            join funnels on funnels.funnel_index = later.funnel_index
            semi join walked
                on walked.funnel_index = later.funnel_index and walked.entity_id = later.entity_id and walked.level + 1 = later.level
        ) order by entity_id desc, funnel_index desc, place desc)
        window so_far as (rows unbounded preceding)
    ) as paired
    join funnels on funnels.funnel_index = paired.funnel_index
    where next_funnel = paired.funnel_index and next_entity = entity_id and next_us - grace <= start_us + length
),

further as (
    select funnel_index, entity_id, start_us, list(us order by level) as later_us
    from walked
    where level > 2
    group by funnel_index, entity_id, start_us
),

begun as not materialized (
    select
        starts.*, is_first_wanted, starts.start_us < complete_until as is_complete,
        case when second_us is not null then list_prepend(second_us, coalesce((
            select later_us
            from further
            where further.funnel_index = starts.funnel_index and further.entity_id = starts.entity_id and further.start_us = starts.start_us
        ), [])) end as later_us
    from starts
    join funnels on funnels.funnel_index = starts.funnel_index
),

-- The furthest, the earliest of equal ones.
ranked as materialized (
    select *, (30 - coalesce(len(later_us), 0)) * 72057594037927936 + start_us as rank_key
    from begun
    where not is_first_wanted
),

periods as materialized (
    select
        funnel_index, entity_id, period, min(rank_key) as period_key, min(rank_key) filter (where is_complete) as complete_key
    from ranked
    group by funnel_index, entity_id, period
),

entities as (
    select funnel_index, entity_id, min(period_key) as whole_key, min(complete_key) as complete_key
    from periods
    group by funnel_index, entity_id
),

-- Of first attempts only the first of each period is there; the first of all is complete if any is.
chosen as (
    select funnel_index, entity_id, start_us, period, later_us, is_first as is_counted, is_first and is_complete as is_counted_complete, true as is_counted_in_period
    from begun
    where is_first_wanted
    union all
    select
        ranked.funnel_index, ranked.entity_id, start_us, ranked.period, later_us,
        rank_key = whole_key, coalesce(rank_key = entities.complete_key, false), rank_key = period_key
    from ranked
    join periods using (funnel_index, entity_id, period)
    join entities using (funnel_index, entity_id)
    where rank_key in (whole_key, entities.complete_key, period_key)
)

select
    funnel_index,                                          -- Funnel in config.funnels.
    entity_id,                                             -- Who is counted: the customer, or the visit.
    start_us,                                              -- When it begins, in microseconds since 1970, UTC.
    period,                                                -- Week or month in which it begins, by its first day in the reporting zone.
    later_us,                                              -- When each later step was done, in order; null where none was. The grace may let one be earlier than the one before.
    is_counted,                                            -- It stands for its person or visit in the whole data.
    is_counted_complete,                                   -- It does among ways whose window ends before the end of the data.
    is_counted_in_period                                   -- It does among those that begin in its period.
from chosen
