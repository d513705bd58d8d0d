-- One row per breakdown, step and window: who stopped there, and how many bought later, on line or in a store.
-- grain: basis, breakdown, breakdown_value, reached, window_days
with

settings as (select * from config.settings),

cases as (
    -- A cycle counts once a step: where it first got that far.
    select
        basis, reached_index, reached, next_step, last_channel, device_category, last_page, last_interaction,
        strftime(timezone(settings.reporting_zone, timezone('UTC', stopped_at)), '%Y-%m') as month,
        outcome_7, outcome_30, outcome_90, revenue
    from core.drop_offs
    cross join settings
    where is_furthest
),

tallied as (
    -- Counted before windows are told apart, so that no stop is held three times.
    select
        basis, reached_index, reached, next_step,
        case
            when grouping(month) = 0 then 'month'
            when grouping(last_channel) = 0 then 'channel'
            when grouping(device_category) = 0 then 'device'
            when grouping(last_page) = 0 then 'last_page'
            when grouping(last_interaction) = 0 then 'last_interaction'
            else 'all'
        end as breakdown,
        coalesce(month, last_channel, device_category, last_page, last_interaction, 'all') as breakdown_value,
        count(*) as stops,
        sum(revenue) as revenue,
        unnest([
            {'days': 7, 'outcome': outcome_7}, {'days': 30, 'outcome': outcome_30}, {'days': 90, 'outcome': outcome_90}
        ]) as result
    from cases
    group by
        grouping sets ((), (month), (last_channel), (device_category), (last_page), (last_interaction)),
        basis, reached_index, reached, next_step, outcome_7, outcome_30, outcome_90
),

counted as (
    select
        basis, breakdown, breakdown_value, reached_index, reached, next_step,
        result.days as window_days,
        cast(sum(stops) as bigint) as count_dropped,
        cast(coalesce(sum(stops) filter (where result.outcome = 'online'), 0) as bigint) as count_online,
        cast(coalesce(sum(stops) filter (where result.outcome = 'store'), 0) as bigint) as count_store,
        cast(coalesce(sum(stops) filter (where result.outcome = 'other'), 0) as bigint) as count_other,
        cast(coalesce(sum(stops) filter (where result.outcome = 'not'), 0) as bigint) as count_not,
        cast(coalesce(sum(stops) filter (where result.outcome = 'open'), 0) as bigint) as count_open,
        coalesce(sum(revenue) filter (where result.outcome in ('online', 'store', 'other')), 0) as revenue
    from tallied
    group by all
),

closed as (
    select *, count_dropped - count_open as count_closed, count_online + count_store + count_other as count_recovered
    from counted
)

select
    basis,                                                 -- What the steps are: stages, or those of a funnel: funnel and its number in config.funnels.
    breakdown,                                             -- all, month of the stop in the reporting zone, channel of the last touch, device, last_page, or last_interaction.
    breakdown_value,                                       -- The month, channel, device, page or interaction.
    reached_index,                                         -- Place of the step they stopped at.
    reached,                                               -- That step; none without evidence of any.
    next_step,                                             -- The step they did not reach.
    window_days,                                           -- Days after stopping in which a purchase counts: 7, 30 or 90.
    count_dropped,                                         -- Stops, one a cycle of a customer and step.
    count_online,                                          -- Bought within the window on line.
    count_store,                                           -- Bought within it in a store.
    count_other,                                           -- Bought within it by phone, from the sales desk, or where is not known.
    count_not,                                             -- Did not buy within it.
    count_open,                                            -- Window not over yet; whether they bought meanwhile or not.
    count_closed,                                          -- Window over: the base of the shares.
    count_recovered,                                       -- Of these, bought within it.
    case when count_closed > 0 then count_recovered / count_closed end as recovered_share,    -- Share of them.
    share_low(count_recovered, count_closed) as recovered_share_low,    -- Lower end of its 95 % interval.
    share_high(count_recovered, count_closed) as recovered_share_high,    -- Upper end.
    case when count_closed > 0 then count_store / count_closed end as store_share,    -- Share who bought in a store.
    share_low(count_store, count_closed) as store_share_low,    -- Lower end of its 95 % interval.
    share_high(count_store, count_closed) as store_share_high,    -- Upper end.
    cast(revenue as decimal(18, 4)) as revenue             -- What the recovered bought with their first purchase after it, net of refunds, in the reporting currency.
from closed
