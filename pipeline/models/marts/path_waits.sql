-- One row per measure and kind of customer: how many touches and days orders take, and how far open journeys are by now.
-- grain: measure, customer_kind
with

settings as (select * from config.settings),

measured as (
    select
        measures.measure,
        unnest(['all', traits.customer_kind]) as customer_kind,
        journeys.outcome,
        measures.value
    from core.journeys as journeys
    join core.journey_traits as traits on traits.journey_id = journeys.journey_id
    cross join settings
    cross join lateral (
        select
            unnest(['touches', 'first_touch_days', 'last_touch_days']) as measure,
            unnest([
                journeys.count_touches,
                date_diff('microsecond', journeys.started_at,
                    case when outcome = 'open' then greatest(as_of, journeys.started_at) else ended_at end) / 86400000000.0,
                date_diff('microsecond', journeys.last_touch_at,
                    case when outcome = 'open' then greatest(as_of, journeys.last_touch_at) else ended_at end) / 86400000000.0
            ]) as value
    ) as measures
    where journeys.count_touches > 0 and journeys.outcome in ('converted', 'open')
),

gathered as (
    select
        measure, customer_kind,
        list_sort(list(value) filter (where outcome = 'converted')) as orders,
        list_sort(list(value) filter (where outcome = 'open')) as waiting
    from measured
    group by measure, customer_kind
),

sized as (
    -- The interval of a median holds the middle ranks of a fair coin's heads: it asks nothing of the distribution.
    select *, coalesce(len(orders), 0) as n, 0.979982 * sqrt(n) as reach from gathered
)

select
    measure,                                               -- touches, first_touch_days or last_touch_days.
    customer_kind,                                         -- all, new, or returning: the customer had ordered before.
    n as count_orders,                                     -- Orders with at least one touch: n of the next five numbers.
    list_aggregate(orders, 'quantile_cont', 0.25) as lower_quarter,    -- A quarter of orders take no more.
    list_aggregate(orders, 'median') as median,            -- Half of orders take no more.
    orders[greatest(cast(floor(n / 2.0 - reach) as bigint), 1)] as median_low,    -- Lower end of its 95 % interval, by ranks.
    orders[least(cast(ceil(n / 2.0 + reach) as bigint) + 1, n)] as median_high,    -- Upper end.
    list_aggregate(orders, 'quantile_cont', 0.75) as upper_quarter,    -- Three quarters of orders take no more.
    list_aggregate(orders, 'quantile_cont', 0.9) as ninth_tenth,    -- Nine of ten orders take no more.
    coalesce(len(waiting), 0) as count_open,               -- Open journeys: censored, since their order may still come.
    list_aggregate(waiting, 'median') as open_median       -- Half of them have got no further by now.
from sized
