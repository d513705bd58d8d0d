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

by_day as (
    select
        moves.ordered_on, count(*) as orders, sum(orders.revenue) as revenue,
        sum(orders.gross - orders.discount + greatest(coalesce(orders.tax, 0), 0) + greatest(coalesce(orders.shipping, 0), 0)) as charged
    from core.order_money as moves
    join core.orders as orders on orders.order_id = moves.order_id
    where moves.is_order
    group by moves.ordered_on
),

compared as (
    -- A claim may be dated by its click: it can be of an order up to money.claim_days later.
    select
        days.*,
        least(day + claim_days, coalesce(lead(day) over (partition by platform, period order by day) - 1, date '9999-12-31')) as until_day,
        period = 'all' or last_day(day) < cast(timezone(reporting_zone, timezone('UTC', as_of)) as date) as is_over,
        if(period = 'all', 0, day(last_day(day))) as days_needed
    from (
        select platform, unnest([strftime(day, '%Y-%m'), 'all']) as period, day, is_partial
        from core.spend_coverage where channel = '(all channels)'
    ) as days
    cross join config.settings
),

booked as (
    select
        compared.platform, compared.period,
        min(day) as first_day, max(day) as last_day, count(distinct day) as count_days, bool_or(is_partial) as is_partial,
        bool_and(is_over and not is_partial) and count(distinct day) >= max(days_needed) as is_comparable,
        coalesce(sum(orders) filter (where ordered_on = day), 0) as orders,
        coalesce(sum(revenue) filter (where ordered_on = day), 0) as revenue,
        coalesce(sum(charged) filter (where ordered_on = day), 0) as charged,
        coalesce(sum(orders), 0) as claimable, coalesce(sum(charged), 0) as claimable_value
    from compared
    left join by_day on by_day.ordered_on between compared.day and compared.until_day
    group by compared.platform, compared.period
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
    coalesce(booked.is_comparable, false) as is_comparable,    -- Every day of the period, which is over, is covered by all exports and the order books; of all: every day compared.
    coalesce(booked.is_partial, true) as is_partial,       -- On some of them not every platform's or account's export is there.
    cast(claims.spend as decimal(38, 6)) as spend,         -- Money spent, in the reporting currency, as are all amounts here.
    claims.claimed_conversions,                            -- Conversions claimed: the sum of the exports; null when a platform claims nothing.
    claims.claimed_value as claimed_value,                 -- Value claimed: the sum of the exports.
    claims.compared_claims,                                -- Conversions claimed on the days compared.
    claims.compared_value,                                 -- Value claimed on those days.
    coalesce(booked.orders, 0) as booked_orders,           -- Orders booked on those days, whatever led to them.
    coalesce(booked.revenue, 0) as booked_revenue,         -- Their revenue after refunds.
    coalesce(booked.charged, 0) as charged,                -- What their buyers were charged before refunds, with tax and shipping: the most a platform can know of.
    cast(coalesce(booked.claimable, 0) as bigint) as claimable_orders,    -- Orders that the claims can be of: booked on those days or up to money.claim_days later.
    coalesce(booked.claimable_value, 0) as claimable_value,    -- What their buyers were charged.
    coalesce(models.orders, 0) as credited_orders,         -- Orders that the default model credits to the channels it spends on.
    coalesce(models.least, 0) as credited_orders_least,    -- The same by the model that gives least.
    coalesce(models.most, 0) as credited_orders_most,      -- The same by the model that gives most.
    coalesce(models.revenue, 0) as credited_revenue,       -- Revenue that the default model credits to them.
    case when (claims.month is null or is_comparable) and claims.compared_claims is not null then greatest(claims.compared_claims - coalesce(booked.claimable, 0), 0) end as double_claims_least,    -- At least so many claims are of orders claimed twice or never made; null for a month that is not comparable. Months do not add up to all.
    case when (claims.month is null or is_comparable) and claims.compared_value is not null then greatest(claims.compared_value - coalesce(booked.claimable_value, 0), 0) end as double_value_least,    -- At least so much value is claimed twice or was never charged.
    claims.claim_bases,                                    -- Attribution settings behind the claims.
    claims.source_currencies                               -- Currencies that the exports write.
from claims
left join booked on booked.platform = claims.platform and booked.period = coalesce(claims.month, 'all')
left join models on models.platform = claims.platform and models.period = coalesce(claims.month, 'all')
