-- One row per currency and day on which money was moved: the rate into the reporting currency.
-- grain: currency, day
with

settings as (select * from config.settings),

needed as (
    select distinct currency, cast(occurred_at as date) as day from validated.events where amount is not null
    union
    select distinct currency, cast(ordered_at as date) from validated.orders
    union
    select distinct currency, cast(refunded_at as date) from validated.refunds where refunded_at is not null
    union
    select distinct currency, starts_on from validated.spend
),

dated as (
    -- The latest rate up to the day; before the first rate, the first.
    select
        needed.currency,
        needed.day,
        arg_max(rates.rate, rates.day) filter (where rates.day <= needed.day) as rate_before,
        arg_min(rates.rate, rates.day) as first_rate
    from needed
    join config.rates as rates on rates.currency = needed.currency
    group by needed.currency, needed.day
)

select
    needed.currency,                                       -- Currency of the amount.
    needed.day,                                            -- Day of the amount, UTC.
    case
        when needed.currency = settings.reporting_currency then 1
        else coalesce(dated.rate_before, dated.first_rate)
    end as rate                                            -- Units of reporting currency for one unit; null when no rate is known.
from needed
cross join settings
left join dated on dated.currency = needed.currency and dated.day = needed.day
