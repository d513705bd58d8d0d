-- One row per model of the whole and channel with spend: what it returns, were its share of all credit its share of the days compared.
-- Removal and Shapley effects, and participation, tell of all journeys together and give no order to a day, month or campaign: none is said by those.
-- grain: model, channel
with

shares as (
    select
        model, channel,
        any_value(share) filter (where level = 'conversions') as share,
        any_value(share_low) filter (where level = 'conversions') as share_low,
        any_value(share_high) filter (where level = 'conversions') as share_high,
        any_value(share) filter (where level = 'revenue') as revenue_share,
        any_value(share_low) filter (where level = 'revenue') as revenue_share_low,
        any_value(share_high) filter (where level = 'revenue') as revenue_share_high
    from marts.attribution_intervals
    where model in ('markov_global', 'shapley_rate', 'participation')
    group by model, channel
),

spent as (select * from core.spend_totals where level = 'channel' and period = 'all' and compared_spend > 0),

-- Credit is of orders that a touch led to.
credited as (select distinct order_id from marts.attribution_touches where touch_id is not null),

touched as (select distinct order_id, channel from marts.attribution_touches where touch_id is not null),

entries as (
    select order_id, ordered_on, is_first_order, is_kept, sum(amount) as amount
    from core.order_money
    semi join credited using (order_id)
    group by all
),

days as (
    select
        covered.channel,
        count(*) as orders, sum(entries.amount) as revenue,
        count(*) filter (where is_first_order) as new_customers,
        count(*) filter (where is_first_order and is_kept) as kept_customers,
        count(touched.order_id) as count_orders,
        count(touched.order_id) filter (where is_first_order) as count_first_orders
    from core.spend_coverage as covered
    join spent on spent.channel = covered.channel
    join entries on entries.ordered_on = covered.day
    left join touched on touched.order_id = entries.order_id and touched.channel = covered.channel
    where covered.platform = '(all platforms)'
    group by covered.channel
)

select
    shares.model,                                          -- markov_global and shapley_rate, which share out all orders together, or participation, which gives each order to all it met.
    spent.channel,                                         -- Channel that money was spent on; small ones that the models see only together have no row.
    shares.model <> 'participation' as adds_up,            -- The credit of all channels is the orders credited; of participation it is more.
    shares.share as credit_share,                          -- Its share of the orders credited, by the journeys of all days.
    spent.compared_spend,                                  -- Spend on days that exports of spend and the order books cover, in the reporting currency, as are all amounts here.
    spent.count_days,                                      -- Those days.
    spent.is_partial,                                      -- Not every platform's export covers all of them.
    shares.share * coalesce(days.orders, 0) as conversions,    -- That share of the orders of those days which touches led to.
    shares.revenue_share * coalesce(days.revenue, 0) as compared_revenue,    -- Its share of their revenue after refunds.
    shares.share * coalesce(days.new_customers, 0) as new_customers,    -- The same share of first-ever orders, as these models know nothing of who is new.
    shares.share * coalesce(days.kept_customers, 0) as kept_customers,    -- The same without orders of which all money was given back.
    coalesce(days.count_orders, 0) as count_orders,        -- Orders of those days that it touched: n.
    coalesce(days.count_first_orders, 0) as count_first_orders,    -- First-ever orders among them: n of cac.
    shares.revenue_share * coalesce(days.revenue, 0) / spent.compared_spend as roas,    -- Revenue for one unit of spend; below zero where people bought less often with it.
    shares.revenue_share_low * coalesce(days.revenue, 0) / spent.compared_spend as roas_low,    -- Low end of its 95 % interval: that of the share; spend and orders stand still.
    shares.revenue_share_high * coalesce(days.revenue, 0) / spent.compared_spend as roas_high,    -- High end of it.
    case when shares.share > 1e-9 and days.new_customers > 0 then spent.compared_spend / (shares.share * days.new_customers) end as cac,    -- Spend for one first-ever order; null where it wins none.
    case when shares.share_high > 1e-9 and days.new_customers > 0 then spent.compared_spend / (shares.share_high * days.new_customers) end as cac_low,    -- Low end of its interval.
    case when shares.share_low > 1e-9 and days.new_customers > 0 then spent.compared_spend / (shares.share_low * days.new_customers) end as cac_high,    -- High end of it; null when it may win none.
    case when shares.share > 1e-9 and days.kept_customers > 0 then spent.compared_spend / (shares.share * days.kept_customers) end as cac_after_refunds    -- Spend for one first-ever order that was not given back whole.
from spent
join shares on shares.channel = spent.channel
left join days on days.channel = spent.channel
