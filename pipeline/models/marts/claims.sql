-- One row per period and platform, and for all platforms: what they claim, what was booked, and what must be claimed twice.
-- grain: period, platform
with

placed as (
    select distinct unnest([platform, '(all platforms)']) as platform, channel from core.spend_days
),

claimed as (
    select
        unnest([days.platform, '(all platforms)']) as platform,
        strftime(days.day, '%Y-%m') as month, days.cost, days.claimed_conversions, days.claimed_value, days.claim_basis,
        days.source_currency, covered.day is not null as is_compared
    from core.spend_days as days
    left join core.spend_coverage as covered
        on covered.channel = '(all channels)' and covered.platform = days.platform and covered.day = days.day
),

claims as (
    select
        platform, month,
        sum(cost) as spend, sum(claimed_conversions) as claimed_conversions, sum(claimed_value) as claimed_value,
        sum(claimed_conversions) filter (where is_compared) as compared_claims,
        sum(claimed_value) filter (where is_compared) as compared_value,
        list(distinct claim_basis order by claim_basis) filter (where claim_basis is not null) as claim_bases,
        list(distinct source_currency order by source_currency) filter (where source_currency is not null) as source_currencies
    from claimed
    group by grouping sets ((platform, month), (platform))
),

orders as (
    select
        moves.ordered_on, orders.revenue,
        orders.gross - orders.discount + greatest(coalesce(orders.tax, 0), 0) + greatest(coalesce(orders.shipping, 0), 0) as charged
    from core.order_money as moves
    join core.orders as orders on orders.order_id = moves.order_id
    where moves.is_order
),

by_day as (
    select ordered_on, count(*) as orders, sum(revenue) as revenue, sum(charged) as charged from orders group by ordered_on
),

booked as (
    select
        covered.platform, strftime(covered.day, '%Y-%m') as month,
        min(covered.day) as first_day, max(covered.day) as last_day, count(*) as count_days, bool_or(covered.is_partial) as is_partial,
        coalesce(sum(by_day.orders), 0) as orders, coalesce(sum(by_day.revenue), 0) as revenue, coalesce(sum(by_day.charged), 0) as charged
    from core.spend_coverage as covered
    left join by_day on by_day.ordered_on = covered.day
    where covered.channel = '(all channels)'
    group by grouping sets ((covered.platform, strftime(covered.day, '%Y-%m')), (covered.platform))
),

credited as (
    select
        placed.platform, returns.period, returns.model,
        sum(returns.compared_conversions) as orders, sum(returns.compared_revenue) as revenue
    from marts.returns as returns
    join placed on placed.channel = returns.channel
    where returns.date_basis = 'order_date' and returns.level = 'channel'
    group by all
),

models as (
    select
        credited.platform, credited.period,
        min(credited.orders) as least, max(credited.orders) as most,
        sum(credited.orders) filter (where model = settings.default_model) as orders,
        sum(credited.revenue) filter (where model = settings.default_model) as revenue
    from credited
    cross join config.settings as settings
    group by all
)

select
    coalesce(claims.month, 'all') as period,               -- Month as 2026-09, or all.
    claims.platform,                                       -- Advertising platform; (all platforms) together.
    booked.first_day,                                      -- First day on which claims and orders are compared; null when there is none.
    booked.last_day,                                       -- Last such day.
    coalesce(booked.count_days, 0) as count_days,          -- Such days.
    coalesce(booked.is_partial, true) as is_partial,       -- On some of them not every platform's or account's export is there.
    cast(claims.spend as decimal(38, 6)) as spend,         -- Money spent, in the reporting currency, as are all amounts here.
    claims.claimed_conversions,                            -- Conversions claimed: the sum of the exports; null when a platform claims nothing.
    claims.claimed_value as claimed_value,                 -- Value claimed: the sum of the exports.
    claims.compared_claims,                                -- Conversions claimed on the days compared.
    claims.compared_value,                                 -- Value claimed on those days.
    coalesce(booked.orders, 0) as booked_orders,           -- Orders booked on those days, whatever led to them.
    coalesce(booked.revenue, 0) as booked_revenue,         -- Their revenue after refunds.
    coalesce(booked.charged, 0) as charged,                -- What their buyers were charged before refunds, with tax and shipping: the most a platform can know of.
    coalesce(models.orders, 0) as credited_orders,         -- Orders that the default model credits to the channels it spends on.
    coalesce(models.least, 0) as credited_orders_least,    -- The same by the model that gives least.
    coalesce(models.most, 0) as credited_orders_most,      -- The same by the model that gives most.
    coalesce(models.revenue, 0) as credited_revenue,       -- Revenue that the default model credits to them.
    case when claims.month is null and claims.compared_claims is not null then greatest(claims.compared_claims - coalesce(booked.orders, 0), 0) end as double_claims_least,    -- At least so many claims are of orders claimed twice or never made. Null by month: a platform may date a claim by its click.
    case when claims.month is null and claims.compared_value is not null then greatest(claims.compared_value - coalesce(booked.charged, 0), 0) end as double_value_least,    -- At least so much value is claimed twice or was never charged.
    claims.claim_bases,                                    -- Attribution settings behind the claims.
    claims.source_currencies                               -- Currencies that the exports write.
from claims
left join booked on booked.platform = claims.platform and booked.month is not distinct from claims.month
left join models on models.platform = claims.platform and models.period = coalesce(claims.month, 'all')
