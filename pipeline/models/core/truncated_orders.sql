-- One row per order whose look-back begins before the touches of a main source do: what led to it may lie before the data.
-- grain: order_id
with

settings as (select * from config.settings),

systems as (
    select source_system, min(occurred_at) as first_touch_at, count(*) / sum(count(*)) over () as touch_share
    from core.touches
    group by source_system
),

main as (
    -- Those that journeys.main_sources names, or all that see a tenth of the touches; the last to begin decides.
    select max(systems.first_touch_at) as data_from
    from systems
    left join config.main_sources as listed on listed.source_system = systems.source_system
    where listed.source_system is not null
        or (systems.touch_share >= 0.1 and not exists (select 1 from config.main_sources))
),

bought as (
    select
        order_id, customer_id, ordered_at, is_first_order,
        case
            when customer_id is not null
                then lag(counted_until_at) over (partition by customer_id order by counted_until_at, order_id)
        end as previous_at
    from core.orders
    where is_conversion
),

reached as (
    -- A journey begins after the order before it, so nothing is missing of what lies further back.
    select
        bought.order_id, bought.customer_id, main.data_from,
        greatest(
            bought.ordered_at - case
                when bought.is_first_order then settings.first_order_lookback_days
                else settings.lookback_days
            end * interval 1 day,
            coalesce(bought.previous_at, timestamp '0001-01-01')
        ) as lookback_from
    from bought
    cross join settings
    cross join main
)

select
    order_id,                                              -- The order.
    customer_id,                                           -- Who bought.
    lookback_from,                                         -- Where the look-back begins, UTC.
    data_from                                              -- Where the touches of the main sources begin, UTC.
from reached
where lookback_from < data_from
