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
    -- On a day without a rate, such as a weekend, the last one before holds; before the first there is none.
    select needed.currency, needed.day, max(rates.day) as rate_on, arg_max(rates.rate, rates.day) as rate
    from needed
    join config.rates as rates on rates.currency = needed.currency and rates.day <= needed.day
    group by needed.currency, needed.day
)

select
    needed.currency,                                       -- Currency of the amount.
    needed.day,                                            -- Day of the amount, UTC.
    case when needed.currency = settings.reporting_currency then 1 else dated.rate end as rate,    -- Units of reporting currency for one unit; null when no rate is known.
    case when needed.currency <> settings.reporting_currency then dated.rate_on end as rate_on    -- Day the rate is of: the day itself or the last one before that has a rate.
from needed
cross join settings
left join dated on dated.currency = needed.currency and dated.day = needed.day
