-- One row per date basis, level, period, model, channel and campaign: spend, credit of the same days, and what it returns.
-- All spend and every order are in it, whether they meet or not: spend adds up to the exports, credit to the books.
-- grain: date_basis, level, period, model, channel, campaign
with

models as (
    select distinct model, level = 'all' as is_all from marts.dated_credit
    union
    select unnest([default_model, 'all']), unnest([false, true]) from config.settings
),

spent as (
    select totals.*, models.model, unnest(['order_date', 'refund_date']) as date_basis
    from core.spend_totals as totals
    join models on models.is_all = (totals.level = 'all')
)

select
    date_basis,                                            -- order_date: refunds lower the month of their order; refund_date: they lower their own.
    level,                                                 -- all, channel or campaign: take one at a time.
    period,                                                -- Month of the order, refund or spend as 2026-09, or all; campaigns have all only.
    model,                                                 -- Credit model; all at the level all, where every model gives the same.
    channel,                                               -- Channel; "No tracked touchpoint" for orders that nothing led to.
    campaign,                                              -- Campaign, its spellings together; empty when there is none, (all) above that level.
    coalesce(spent.spend, 0) as spend,                     -- All money spent, in the reporting currency, as are all amounts here.
    coalesce(spent.compared_spend, 0) as compared_spend,   -- The part on days that exports of spend and the order books cover: below, n of a return.
    coalesce(spent.count_days, 0) as count_days,           -- Those days; 0 where nothing can be compared.
    coalesce(spent.is_partial, true) as is_partial,        -- Not every day of the month is among them, by every platform of the channel.
    coalesce(credit.conversions, 0) as conversions,        -- Orders credited, in shares, on any day.
    coalesce(credit.credited_revenue, 0) as credited_revenue,    -- Revenue credited, on any day.
    coalesce(credit.compared_conversions, 0) as compared_conversions,    -- Orders credited on the days compared.
    coalesce(credit.new_customers, 0) as new_customers,    -- First-ever orders among them.
    coalesce(credit.kept_customers, 0) as kept_customers,  -- The same without orders of which all money was given back.
    coalesce(credit.compared_revenue, 0) as compared_revenue,    -- Revenue credited on the days compared, after refunds.
    case when credit.compared_costed <> 0 then credit.compared_costed / cast(credit.compared_revenue as double) end as costed_share,    -- The part of it whose goods have a known cost; null when none has.
    case when credit.compared_costed <> 0 then credit.compared_margin end as compared_margin,    -- That part less what the goods cost.
    coalesce(credit.count_orders, 0) as count_orders,      -- Orders of those days that it touched: n.
    coalesce(credit.count_first_orders, 0) as count_first_orders,    -- First-ever orders among them: n of cac.
    case when spent.compared_spend > 0 then cast(coalesce(credit.compared_revenue, 0) as double) / spent.compared_spend end as roas,    -- Revenue for one unit of spend; null without spend.
    case when spent.compared_spend > 0 and credit.compared_costed <> 0 then credit.compared_margin / spent.compared_spend end as margin_return,    -- Margin for one unit of spend, of goods whose cost is known: at least this.
    case when spent.compared_spend > 0 and credit.compared_conversions > 1e-9 then spent.compared_spend / credit.compared_conversions end as cost_per_order,    -- Spend for one order.
    case when spent.compared_spend > 0 and credit.new_customers > 1e-9 then spent.compared_spend / credit.new_customers end as cac,    -- Spend for one first-ever order, given back later or not.
    case when spent.compared_spend > 0 and credit.kept_customers > 1e-9 then spent.compared_spend / credit.kept_customers end as cac_after_refunds    -- Spend for one first-ever order that was not given back whole.
from marts.dated_credit as credit
full join spent using (date_basis, level, period, model, channel, campaign)
