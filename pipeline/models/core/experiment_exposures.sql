-- One row per experiment and person in it: the arm they saw first, and what they bought before and after.
-- Who was seen in several arms is kept, counted and read in none of them.
-- grain: experiment, customer_id
with

settings as (select * from config.settings),

seen as (
    select
        trim(experiment) as experiment,
        customer_id,
        arg_min(trim(variant), (occurred_at, trim(variant))) as variant,
        min(occurred_at) as exposed_at,
        count(distinct trim(variant)) as count_arms
    from core.touchpoints
    where trim(experiment) <> '' and trim(variant) <> '' and customer_id is not null and not is_machine and not is_test
    group by 1, 2
),

windows as (
    select
        seen.*,
        coalesce(given.window_days, settings.experiment_days) * interval 1 day as window_length,
        settings.as_of
    from seen
    cross join settings
    left join config.experiments as given on given.experiment = seen.experiment
),

bought as (
    select
        windows.experiment,
        windows.customer_id,
        count(*) filter (where orders.ordered_at > exposed_at) as orders_after,
        sum(orders.revenue) filter (where orders.ordered_at > exposed_at) as revenue_after,
        count(*) filter (where orders.ordered_at <= exposed_at) as orders_before,
        sum(orders.revenue) filter (where orders.ordered_at <= exposed_at) as revenue_before
    from windows
    join core.orders as orders
        on orders.customer_id = windows.customer_id
        and orders.ordered_at > windows.exposed_at - windows.window_length
        and orders.ordered_at <= windows.exposed_at + windows.window_length
    where orders.is_conversion
    group by windows.experiment, windows.customer_id
)

select
    windows.experiment,                                    -- Experiment, as the source names it.
    windows.customer_id,                                   -- Customer.
    windows.variant,                                       -- Arm they saw first.
    windows.exposed_at,                                    -- When, UTC; what counts comes after it.
    windows.count_arms > 1 as is_in_several_arms,          -- They were seen in several arms.
    windows.exposed_at + windows.window_length <= windows.as_of as is_over,    -- The window of days after it is over.
    coalesce(bought.orders_after, 0) > 0 as is_converted,    -- They ordered within the window.
    cast(coalesce(bought.revenue_after, 0) as decimal(18, 4)) as revenue,    -- Revenue of these orders, net of refunds, in the reporting currency.
    coalesce(bought.orders_before, 0) > 0 as has_bought_before,    -- They ordered in as many days before it.
    cast(coalesce(bought.revenue_before, 0) as decimal(18, 4)) as revenue_before    -- Revenue of those orders.
from windows
left join bought on bought.experiment = windows.experiment and bought.customer_id = windows.customer_id
