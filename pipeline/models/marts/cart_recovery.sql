-- One row per breakdown and window: carts that were left, what was in them, and what was bought later.
-- grain: breakdown, breakdown_value, window_days
with

settings as (select * from config.settings),

tallied as (
    -- A cart that is taken up again and left again counts once, by its first time.
    select
        case
            when grouping(furthest_step) = 0 then 'step'
            when grouping(last_channel) = 0 then 'channel'
            when grouping(device_category) = 0 then 'device'
            when grouping(month) = 0 then 'month'
            else 'all'
        end as breakdown,
        coalesce(furthest_step, last_channel, device_category, month, 'all') as breakdown_value,
        count(*) as carts,
        count(value) as valued,
        coalesce(sum(value), 0) as value,
        coalesce(sum(value * value), 0) as value_squared,
        coalesce(sum(revenue), 0) as revenue,
        unnest([
            {'days': 7, 'outcome': outcome_7}, {'days': 30, 'outcome': outcome_30}, {'days': 90, 'outcome': outcome_90}
        ]) as result
    from (
        select
            *, strftime(timezone(settings.reporting_zone, timezone('UTC', left_at)), '%Y-%m') as month
        from core.abandoned_carts
        cross join settings
        where is_first
    )
    group by grouping sets ((), (furthest_step), (last_channel), (device_category), (month)), outcome_7, outcome_30, outcome_90
),

counted as (
    select
        breakdown, breakdown_value, result.days as window_days,
        cast(sum(carts) as bigint) as count_carts,
        cast(coalesce(sum(carts) filter (where result.outcome = 'same'), 0) as bigint) as count_same,
        cast(coalesce(sum(carts) filter (where result.outcome = 'different'), 0) as bigint) as count_different,
        cast(coalesce(sum(carts) filter (where result.outcome = 'online'), 0) as bigint) as count_online,
        cast(coalesce(sum(carts) filter (where result.outcome = 'store'), 0) as bigint) as count_store,
        cast(coalesce(sum(carts) filter (where result.outcome = 'other'), 0) as bigint) as count_other,
        cast(coalesce(sum(carts) filter (where result.outcome = 'not'), 0) as bigint) as count_not,
        cast(coalesce(sum(carts) filter (where result.outcome = 'open'), 0) as bigint) as count_open,
        cast(sum(valued) as bigint) as count_valued,
        cast(coalesce(sum(valued) filter (where result.outcome <> 'open'), 0) as bigint) as count_valued_closed,
        sum(value) as value,
        coalesce(sum(value) filter (where result.outcome = 'open'), 0) as value_open,
        coalesce(sum(value) filter (where result.outcome = 'not'), 0) as value_not,
        coalesce(sum(value_squared) filter (where result.outcome <> 'open'), 0) as squares,
        coalesce(sum(revenue) filter (where result.outcome not in ('not', 'open')), 0) as revenue
    from tallied
    group by all
),

closed as (
    select
        *, count_carts - count_open as count_closed, count_carts - count_open - count_not as count_recovered,
        value - value_open as value_closed
    from counted
)

select
    breakdown,                                             -- all, step (furthest: cart, checkout or payment), channel of the last touch, device, or month of leaving in the reporting zone.
    breakdown_value,                                       -- The step, channel, device or month.
    window_days,                                           -- Days after leaving in which a purchase counts: 7, 30 or 90.
    count_carts,                                           -- Carts left, one a cycle of a customer.
    count_same,                                            -- A product of it bought on line within the window.
    count_different,                                       -- Other products bought on line within it.
    count_online,                                          -- Bought on line within it, where the products are not known.
    count_store,                                           -- Bought in a store within it.
    count_other,                                           -- Bought by phone, from the sales desk, or where is not known.
    count_not,                                             -- Nothing bought within it.
    count_open,                                            -- Window not over yet; whether something was bought meanwhile or not.
    count_closed,                                          -- Window over: the base of the share.
    count_recovered,                                       -- Of these, something was bought.
    case when count_closed > 0 then count_recovered / count_closed end as recovered_share,    -- Share of them.
    share_low(count_recovered, count_closed) as recovered_share_low,    -- Lower end of its 95 % interval.
    share_high(count_recovered, count_closed) as recovered_share_high,    -- Upper end.
    count_valued,                                          -- Carts of which the source says what they were worth.
    count_valued_closed,                                   -- Of these, with the window over; n of the share of value.
    cast(case when count_valued > 0 then value end as decimal(18, 4)) as value,    -- What these were worth, in the reporting currency; null when the source never says.
    cast(case when count_valued > 0 then value_open end as decimal(18, 4)) as value_open,    -- Of it, with the window not over.
    cast(case when count_valued > 0 then value_not end as decimal(18, 4)) as value_not,    -- Of it, left for good: nothing was bought within the window.
    cast(case when value_closed > 0 then value_not / value_closed end as double) as value_not_share,    -- Share of the value whose window is over.
    part_low(value_not, value_closed, squares) as value_not_share_low,    -- Lower end of its 95 % interval (score interval on the effective number of carts).
    part_high(value_not, value_closed, squares) as value_not_share_high,    -- Upper end.
    cast(revenue as decimal(18, 4)) as revenue             -- Revenue of the first purchases after, net of refunds, in the reporting currency.
from closed
