-- One row per customer and day on which anything touched them: how they stood before it, and what they did after it.
-- Every window begins with a day, whatever touched the person on it: nobody has to live up to a later touch first.
-- grain: customer_id, day
with

settings as (select * from config.settings),

deeds as (
    select customer_id, occurred_at, 1 as touches, 0 as orders, 0 as decisions from core.touches
    union all
    select customer_id, ordered_at, 0, 1, 0 from core.orders where is_conversion and customer_id is not null
    union all
    select customer_id, occurred_at, 0, 0, 1
    from core.touchpoints
    where stage = 'decision' and customer_id is not null and not is_machine and not is_test
),

quarters as (
    -- Zones lie whole quarters of an hour apart; each quarter is looked up once.
    select quarter, cast(timezone(reporting_zone, timezone('UTC', quarter)) as date) - date '1970-01-01' as place
    from (select distinct time_bucket(interval 15 minute, occurred_at) as quarter from deeds)
    cross join settings
),

days as (
    select
        deeds.customer_id, quarters.place,
        sum(touches) as touches,
        sum(orders) as orders,
        sum(decisions) as decisions
    from deeds
    join quarters on quarters.quarter = time_bucket(interval 15 minute, deeds.occurred_at)
    group by deeds.customer_id, quarters.place
),

lived as (
    select
        days.*,
        date '1970-01-01' + cast(place as integer) as day,
        min(place) over (partition by customer_id) as first_place,
        min(place) over () as data_from,
        cast(timezone(settings.reporting_zone, timezone('UTC', settings.as_of)) as date) - date '1970-01-01' as data_to,
        coalesce(sum((touches > 0)::integer) over before, 0) as touched_days_before,
        coalesce(sum(orders) over before, 0) as orders_before,
        coalesce(sum(decisions) over before, 0) as decisions_before,
        coalesce(sum(orders) over ever, 0) as orders_ever,
        coalesce(sum(orders) over after, 0) as orders_after,
        coalesce(sum(touches + orders) over silence, 0) as deeds_after,
        settings.effect_days,
        settings.first_order_idle_days
    from days
    cross join settings
    window
        before as (
            partition by customer_id order by place range between settings.effect_days preceding and 1 preceding),
        ever as (partition by customer_id order by place range between unbounded preceding and 1 preceding),
        after as (
            partition by customer_id order by place range between 1 following and settings.effect_days following),
        silence as (
            partition by customer_id order by place
            range between 1 following and settings.first_order_idle_days following)
),

told as (
    select
        *,
        case
            when place = first_place then 'new'
            when touched_days_before >= 2 then 'several days before'
            when touched_days_before = 1 then 'a day before'
            else 'after a silence'
        end as activity,
        cast(least(touches, 3) as smallint) as touches_class
    from lived
    where touches > 0
)

select
    told.customer_id,                                      -- Customer.
    told.day,                                              -- The day, in the reporting zone.
    cast(person_group(told.customer_id) % 64 as smallint) as person_group,    -- Group 0 to 63 of people that counts as one when intervals are worked out.
    told.activity,                                         -- What was seen of them in the days before: several days before, a day before, after a silence; new: nothing ever.
    told.orders_ever > 0 as is_customer,                   -- They had ordered before that day.
    told.touches_class,                                    -- Touches on that day: 1, 2, and 3 for more.
    cast(dense_rank() over (
        order by date_trunc('week', told.day), activity, orders_ever > 0, touches_class) as integer) as stratum,    -- Windows of one number are alike in week, activity, is_customer and touches_class; only they are compared.
    told.place - told.data_from >= told.effect_days as has_before,    -- The data reaches back over the days before.
    told.place + told.effect_days < told.data_to as has_after,    -- The days after are over.
    told.place + told.first_order_idle_days < told.data_to as has_silence,    -- So are the days of silence after which somebody has dropped out.
    told.orders > 0 as has_bought,                         -- They ordered on that day; nobody can say what came first, so they are no part of what is compared in the days after.
    told.orders_after > 0 as is_converted,                 -- They ordered in the days after.
    told.deeds_after = 0 as is_dropped,                    -- Neither touch nor order followed within the days of silence.
    told.orders_before > 0 as has_bought_before,           -- They had ordered in the days before: no exposure of the day can have caused it.
    told.decisions_before > 0 as has_decided_before        -- They had been about to buy in the days before.
from told
