-- One row per channel that money was spent on, and hold-out of it: how many more orders must follow for it to pay for itself.
-- A day of a person it touched costs its spend over all such days; an order leaves what is left when the goods are paid for.
-- grain: channel, experiment
with

settings as (select * from config.settings),

-- Without costs of goods, an order is worth the spend that break_even_roas allows for it.
orders as (
    select
        compared_revenue / nullif(compared_conversions, 0) * coalesce(compared_margin / nullif(compared_revenue * costed_share, 0), 1 / break_even_roas) as order_worth,
        coalesce(compared_margin / nullif(compared_revenue * costed_share, 0), 1 / break_even_roas) as revenue_worth
    from marts.returns cross join settings
    where date_basis = 'order_date' and level = 'all' and period = 'all'
),

reached as (
    select exposures.driver as channel, count(*) as count_days
    from core.exposures as exposures
    join core.spend_coverage as covered
        on covered.channel = exposures.driver and covered.platform = '(all platforms)' and covered.day = exposures.day
    where exposures.kind = 'channel'
    group by exposures.driver
),

costs as (
    select returns.channel, returns.compared_spend, reached.count_days, cast(returns.compared_spend as double) / reached.count_days as day_cost
    from marts.returns as returns
    cross join settings
    join reached on reached.channel = returns.channel
    where returns.date_basis = 'order_date' and returns.level = 'channel' and returns.period = 'all'
        and returns.model = settings.default_model and returns.compared_spend > 0
),

arms as (
    -- People count from their first exposure on, for the same days each, as in marts.experiments.
    select
        given.channel, given.experiment, people.variant, count(distinct people.customer_id) as count_people, count(exposures.day) as count_touched
    from config.experiments as given
    cross join settings
    join core.experiment_exposures as people on people.experiment = given.experiment and not people.is_in_several_arms and people.is_over
    left join core.exposures as exposures
        on exposures.customer_id = people.customer_id and exposures.kind = 'channel' and exposures.driver = given.channel
        and date_diff('day', cast(timezone(settings.reporting_zone, timezone('UTC', people.exposed_at)) as date), exposures.day)
            between 0 and coalesce(given.window_days, settings.experiment_days)
    where given.channel is not null
    group by given.channel, given.experiment, people.variant
),

held_out as (
    select
        treated.channel, treated.experiment,
        max(treated.count_touched / treated.count_people - control.count_touched / control.count_people) as days_each
    from arms as treated
    join marts.experiments as named
        on named.experiment = treated.experiment and named.variant = treated.variant and named.is_main and not named.is_control
    join marts.experiments as other on other.experiment = treated.experiment and other.is_main and other.is_control
    join arms as control on control.experiment = other.experiment and control.variant = other.variant
    group by treated.channel, treated.experiment
),

cases as (
    select channel, '' as experiment, 1.0 as days_each from costs
    union all
    select channel, experiment, days_each from held_out
)

select
    channel,                                               -- Channel.
    cases.experiment,                                      -- Its hold-out; empty for its days of people.
    costs.compared_spend,                                  -- Spend on days that the order books cover, in the reporting currency, as are all amounts here.
    costs.count_days,                                      -- Days of people that it touched then.
    costs.day_cost,                                        -- Spend for one of them.
    cases.days_each,                                       -- Of a hold-out: such days a person, less those of a person it was kept from; 1 for days of people.
    orders.order_worth,                                    -- What an order leaves for advertising; null when neither costs nor money.break_even_roas are given.
    case when days_each > 0 then day_cost * days_each / order_worth end as difference_needed,    -- Difference of the share who order at which it pays for itself; null where a hold-out left no trace in the touches.
    case when days_each > 0 then day_cost * days_each / revenue_worth end as revenue_needed    -- Revenue a person at which it does.
from cases
join costs using (channel)
cross join orders
