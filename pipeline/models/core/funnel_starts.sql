-- One row per plain funnel, entity and time of the first step from which a way is followed, with the second step that follows.
-- Where the first attempt stands, that is the first of each week or month; else every one. Not stored: core.funnel_ways reads it.
-- kind: view
-- grain: funnel_index, entity_id, start_us
with

funnels as (
    select
        funnel_index, attempt = 'first' as is_first_wanted,
        epoch_us(grace_seconds * interval 1 second) as grace, epoch_us(window_days * interval 1 day) as length
    from config.funnels
),

done as materialized (
    select funnel_index, entity_id, level, epoch_us(occurred_at) as us from core.funnel_actions where is_plain and level <= 2
),

-- Zones lie whole quarters of an hour apart; each quarter is looked up once, as the period is of one kind for all funnels.
quarters as (
    select quarter, cast(date_trunc(period_unit, timezone(reporting_zone, timezone('UTC', make_timestamp(quarter * 900000000)))) as date) as period
    from (select distinct us // 900000000 as quarter from done where level = 1)
    cross join (select any_value(period_unit) as period_unit from core.funnel_steps)
    cross join config.settings
),

-- Second steps count from the grace earlier on. Times are doubled, so that at equal ones the second step comes last.
placed as (
    select done.funnel_index, done.entity_id, done.us * 2 as place, quarters.period
    from done
    join quarters on quarters.quarter = done.us // 900000000
    where done.level = 1
    union all
    select done.funnel_index, done.entity_id, (done.us + grace) * 2 + 1, null
    from done
    join funnels on funnels.funnel_index = done.funnel_index
    where done.level = 2
),

-- Sorted once and read from the end: the second step that follows is the one seen last, however much somebody did.
paired as (
    select
        funnel_index, entity_id, place // 2 as start_us, period,
        last_value(case when period is null then funnel_index end ignore nulls) over so_far as next_funnel,
        last_value(case when period is null then entity_id end ignore nulls) over so_far as next_entity,
        last_value(case when period is null then place // 2 end ignore nulls) over so_far as next_us
    from (from placed order by entity_id desc, funnel_index desc, place desc)
    window so_far as (rows unbounded preceding)
),

followed as (
    select
        *, coalesce(lead(funnel_index) over () <> funnel_index or lead(entity_id) over () <> entity_id, true) as is_first,
        lead(start_us) over () as before_us, lead(period) over () as before_period
    from paired
    where period is not null
)

select
    followed.funnel_index,                                 -- Funnel in config.funnels.
    followed.entity_id,                                    -- Who is counted: the customer, or the visit.
    followed.start_us,                                     -- When, in microseconds since 1970, UTC.
    followed.period,                                       -- Week or month, by its first day in the reporting zone.
    followed.is_first,                                     -- The first of that entity.
    case
        when next_funnel = followed.funnel_index and next_entity = followed.entity_id and next_us - grace <= start_us + length
            then next_us - grace
    end as second_us                                       -- When the second step was done: the earliest not more than the grace before, within the window; null where none was.
from followed
join funnels on funnels.funnel_index = followed.funnel_index
where is_first or case when is_first_wanted then before_period <> period else before_us <> start_us end
