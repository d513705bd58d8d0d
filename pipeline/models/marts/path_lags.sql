-- One row per measure, kind of customer and span of days: how many orders come so long after the touch, and what is still open.
-- The share is Kaplan and Meier's (1958): journeys without an order count up to the end of the data and are censored there,
-- open ones and lost ones alike, so that young journeys neither drop out nor count as never ordering.
-- grain: measure, customer_kind, span
with

settings as (select * from config.settings),

waits as (
    select
        measures.measure,
        unnest(['all', traits.customer_kind]) as customer_kind,
        journeys.outcome,
        date_diff('microsecond', measures.begun_at,
            case when journeys.outcome = 'converted' then journeys.ended_at else greatest(settings.as_of, measures.begun_at) end
        ) / 86400000000.0 as days
    from core.journeys as journeys
    join core.journey_traits as traits on traits.journey_id = journeys.journey_id
    cross join settings
    cross join lateral (
        select unnest(['first_touch', 'last_touch']) as measure, unnest([journeys.started_at, journeys.last_touch_at]) as begun_at
    ) as measures
    where journeys.count_touches > 0
),

times as (
    -- At risk are all whose wait is as long at least: all but those ranked before.
    select measure, customer_kind, days, count(*) as orders, any_value(count_all - count_shorter) as at_risk
    from (
        select
            *, rank() over (partition by measure, customer_kind order by days) - 1 as count_shorter,
            count(*) over (partition by measure, customer_kind) as count_all
        from waits
    )
    where outcome = 'converted'
    group by measure, customer_kind, days
),

curve as (
    -- The chance of no order so far is a product over all times before, its variance Greenwood's (1926).
    select
        measure, customer_kind, days,
        bool_or(orders = at_risk) over before as is_over,
        sum(case when orders < at_risk then ln(1 - orders / at_risk) end) over before as log_none,
        sum(case when orders < at_risk then orders / (at_risk * (at_risk - orders)) end) over before as variance
    from times
    window before as (partition by measure, customer_kind order by days rows between unbounded preceding and current row)
),

spans as (
    select
        wide.measure, wide.customer_kind, marks.span, marks.within_days,
        lag(marks.within_days, 1, -1.0) over (partition by wide.measure, wide.customer_kind order by marks.span) as after_days
    from (select distinct measure, customer_kind from waits) as wide
    cross join (
        values (1, 1 / 24.0), (2, 1.0), (3, 3.0), (4, 7.0), (5, 14.0), (6, 30.0), (7, 60.0), (8, 90.0), (9, 'inf'::double)
    ) as marks (span, within_days)
),

placed as (
    select
        waits.measure, waits.customer_kind, spans.span,
        count(*) as count_journeys,
        count(*) filter (where outcome = 'converted') as count_converted,
        count(*) filter (where outcome = 'open') as count_open,
        count(*) filter (where days = within_days) as count_at_end
    from waits
    join spans
        on spans.measure = waits.measure and spans.customer_kind = waits.customer_kind
        and spans.after_days < waits.days and spans.within_days >= waits.days
    group by all
),

counted as (
    select
        spans.measure, spans.customer_kind, spans.span, spans.within_days,
        sum(coalesce(placed.count_journeys, 0)) over of_all as count_journeys,
        coalesce(placed.count_converted, 0) as count_converted,
        coalesce(placed.count_open, 0) as count_open,
        coalesce(sum(placed.count_journeys) over later, 0) + coalesce(placed.count_at_end, 0) as count_at_risk
    from spans
    left join placed using (measure, customer_kind, span)
    window
        of_all as (partition by measure, customer_kind),
        later as (partition by measure, customer_kind order by span rows between 1 following and unbounded following)
),

followed as (
    select
        counted.*,
        case when count_at_risk > 0 then case when curve.is_over then 0.0 else coalesce(exp(curve.log_none), 1.0) end end as none_share,
        exp(1.959964 * sqrt(curve.variance) / abs(nullif(curve.log_none, 0))) as widened
    from counted
    asof left join curve
        on curve.measure = counted.measure and curve.customer_kind = counted.customer_kind and curve.days <= counted.within_days
)

select
    measure,                                               -- first_touch or last_touch: what the days are counted from.
    customer_kind,                                         -- all, new, or returning: the customer had ordered before.
    cast(span as integer) as span,                         -- Number of the span, the shortest first.
    case when within_days < 1e9 then within_days end as within_days,    -- Its end in days, beginning at that of the one before; null for all that is longer.
    count_journeys,                                        -- Journeys with a touch, of all spans.
    count_converted,                                       -- Orders that came within the span.
    count_open,                                            -- Open journeys that have waited so long by now: their order may still come.
    count_at_risk,                                         -- Journeys that are followed to the end of the span and had no order before it.
    1 - none_share as ordered_share,                       -- Share of journeys with an order by the end of the span; null beyond what the data can tell.
    case when none_share = 1 then 0.0 when none_share > 0 then 1 - none_share ** (1 / widened) else 1 - none_share end as ordered_share_low,    -- Lower end of its 95 % interval, on the scale of log(-log).
    case when none_share = 1 then share_high(0, count_at_risk) when none_share > 0 then 1 - none_share ** widened else 1 - none_share end as ordered_share_high    -- Upper end.
from followed
