-- One row per funnel in order and customer: the way that stands for them among complete ones, and what they bought.
-- Entries and visits of one customer count once here, by the furthest: money is lost with people, not with visits.
-- grain: funnel_index, customer_id
with

settings as (select * from config.settings),

entries as (
    select
        entries.funnel_index,
        cast(case when count_unit = 'sessions' then sessions.customer_id else entity_id end as bigint) as customer_id,
        entries.started_at, entries.stopped_at, window_ends_at, outcome, steps_done,
        start_level, furthest_level, start_place
    from core.funnel_entries as entries
    join config.funnels as funnels on funnels.funnel_index = entries.funnel_index and mode <> 'any'
    left join core.sessions as sessions on count_unit = 'sessions' and sessions.session_id = entries.entity_id
    where is_counted_complete
),

purchases as (
    select customer_id, counted_until_at as bought_at, min(order_id) as order_id
    from core.orders
    where is_conversion and customer_id is not null
    group by customer_id, counted_until_at
),

begun as (
    -- An attempt is over when a pause has followed it; what comes later is of no attempt.
    select
        entries.*,
        coalesce(entries.started_at <= attempts.ended_at + drop_pause_hours * interval 1 hour, false) as is_within,
        first_channel, landing_page, device_category, country
    from entries
    cross join settings
    asof left join core.attempts as attempts
        on attempts.customer_id = entries.customer_id and entries.started_at >= attempts.started_at
    where entries.customer_id is not null
)

select
    begun.funnel_index,                                    -- Funnel in config.funnels.
    begun.customer_id,                                     -- Customer.
    started_at,                                            -- When the way begins, UTC.
    stopped_at,                                            -- When its last step was done, UTC.
    window_ends_at,                                        -- Until when its steps count; before the end of the data.
    outcome,                                               -- converted or lost, as in core.funnel_entries.
    start_level as first_level,                            -- Step it begins with; 1 unless the funnel is open.
    furthest_level as last_level,                          -- Furthest step.
    case when is_within then first_channel else '(not known)' end as first_channel,    -- Channel of the first touch of the attempt it began in (core.attempts).
    case when is_within then landing_page else '(no page)' end as landing_page,    -- First page of that visit.
    case when is_within then device_category else '(not known)' end as device_category,    -- Device of that visit.
    case when is_within then country else '(not known)' end as country,    -- Country of that visit, as the source wrote it.
    purchases.bought_at,                                   -- First purchase since it began, UTC, in whatever way it was made and whenever it came.
    purchases.order_id                                     -- That order.
from begun
asof left join purchases
    on purchases.customer_id = begun.customer_id and purchases.bought_at >= begun.started_at
qualify row_number() over (
    partition by begun.funnel_index, begun.customer_id order by steps_done desc, started_at, start_place, start_level) = 1
