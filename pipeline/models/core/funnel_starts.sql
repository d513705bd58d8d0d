-- One row per plain funnel, entity and time of the first step from which a way is followed.
-- Where the first attempt stands, that is the first of each week or month; else every one.
-- grain: funnel_index, entity_id, start_us
with

begun as (select funnel_index, entity_id, epoch_us(occurred_at) as start_us from core.funnel_actions where is_plain and level = 1),

funnels as (
    select funnel_index, attempt = 'first' as is_first_wanted, any_value(period_unit) as period_unit
    from config.funnels
    join core.funnel_steps using (funnel_index)
    group by all
),

-- Zones lie whole quarters of an hour apart; each quarter is looked up once.
quarters as (
    select funnel_index, quarter, cast(date_trunc(period_unit, timezone(reporting_zone, timezone('UTC', make_timestamp(quarter * 900000000)))) as date) as period
    from (select distinct funnel_index, start_us // 900000000 as quarter from begun)
    join funnels using (funnel_index)
    cross join config.settings
),

-- Sorted once; what stands before is then read along, which costs half of a window for each entity.
ordered as (
    select begun.funnel_index, begun.entity_id, begun.start_us, quarters.period
    from begun
    join quarters on quarters.funnel_index = begun.funnel_index and quarters.quarter = begun.start_us // 900000000
    order by begun.funnel_index, begun.entity_id, begun.start_us
),

followed as (
    select
        funnel_index, entity_id, start_us, period,
        coalesce(lag(funnel_index) over () <> funnel_index or lag(entity_id) over () <> entity_id, true) as is_first,
        lag(start_us) over () as before_us, lag(period) over () as before_period,
        coalesce(lag(funnel_index, 500) over () = funnel_index and lag(entity_id, 500) over () = entity_id, false) as is_much
    from ordered
)

select
    followed.funnel_index,                                 -- Funnel in config.funnels.
    followed.entity_id,                                    -- Who is counted: the customer, or the visit.
    followed.start_us,                                     -- When, in microseconds since 1970, UTC.
    followed.period,                                       -- Week or month, by its first day in the reporting zone.
    followed.is_first,                                     -- The first of that entity.
    is_much and not is_first_wanted as is_crowded          -- All count, and this is beyond the five hundredth of one entity: core.funnel_links follows it, not core.funnel_walks.
from followed
join funnels on funnels.funnel_index = followed.funnel_index
where is_first or case when is_first_wanted then before_period <> period else before_us <> start_us end
