-- One row per path: the channels of a journey in order, repeats in a row counted once.
-- grain: path
with

names as (select list(channel order by channel_code) as names from core.channel_codes),

journeys as (
    select
        list_filter(channel_codes, lambda code, i: i = 1 or code <> channel_codes[i - 1]) as codes,
        outcome,
        revenue,
        duration_days,
        count_touches
    from core.journeys
    where count_touches > 0
),

grouped as (
    select
        codes,
        count(*) as count_journeys,
        count(*) filter (where outcome = 'converted') as count_converted,
        count(*) filter (where outcome = 'lost') as count_lost,
        count(*) filter (where outcome = 'open') as count_open,
        sum(revenue) as revenue,
        median(duration_days) filter (where outcome = 'converted') as median_days,
        avg(count_touches) as mean_touches
    from journeys
    group by codes
)

select
    list_transform(codes, lambda code: names.names[code]) as path,    -- Channels in order.
    len(codes) as count_steps,                             -- Steps of the path.
    count_journeys,                                        -- Journeys that took it, open ones included.
    count_converted,                                       -- Those that ended in an order.
    count_lost,                                            -- Those that ended in silence.
    count_open,                                            -- Those that may still end in an order; not part of the rate.
    case when count_converted + count_lost > 0 then count_converted / (count_converted + count_lost) end as conversion_rate,    -- Converted among ended journeys.
    share_low(count_converted, count_converted + count_lost) as conversion_rate_low,    -- Lower end of its 95 % interval.
    share_high(count_converted, count_converted + count_lost) as conversion_rate_high,    -- Upper end of its 95 % interval.
    cast(revenue as decimal(18, 4)) as revenue,            -- Revenue of their orders, in the reporting currency.
    median_days,                                           -- Median days from first touch to order, of converted journeys.
    mean_touches                                           -- Mean number of touches, repeats included.
from grouped
cross join names
