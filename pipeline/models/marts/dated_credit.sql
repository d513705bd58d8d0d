-- One row per date basis, level, period, model, channel and campaign: credit in all, and on days whose spend is known.
-- grain: date_basis, level, period, model, channel, campaign
with

by_order as (
    select
        touches.order_id, touches.channel, coalesce(names.campaign_name, touches.campaign) as campaign,
        sum(columns('^(orders|revenue)_'))
    from marts.attribution_touches as touches
    left join core.campaign_names as names on names.channel = touches.channel and names.campaign = touches.campaign
    group by all
),

long as (
    select
        order_id, channel, campaign,
        unnest([
            {'model': 'first', 'orders': orders_first, 'revenue': revenue_first},
            {'model': 'last', 'orders': orders_last, 'revenue': revenue_last},
            {'model': 'last_non_direct', 'orders': orders_last_non_direct, 'revenue': revenue_last_non_direct},
            {'model': 'last_paid', 'orders': orders_last_paid, 'revenue': revenue_last_paid},
            {'model': 'linear', 'orders': orders_linear, 'revenue': revenue_linear},
            {'model': 'time_decay', 'orders': orders_time_decay, 'revenue': revenue_time_decay},
            {'model': 'position', 'orders': orders_position, 'revenue': revenue_position},
            {'model': 'j_shaped', 'orders': orders_j_shaped, 'revenue': revenue_j_shaped},
            {'model': 'inverse_j', 'orders': orders_inverse_j, 'revenue': revenue_inverse_j},
            {'model': 'custom', 'orders': orders_custom, 'revenue': revenue_custom},
            {'model': 'shapley_simple', 'orders': orders_shapley_simple, 'revenue': revenue_shapley_simple},
            {'model': 'markov_order', 'orders': orders_markov_order, 'revenue': revenue_markov_order},
            {'model': 'shapley_order', 'orders': orders_shapley_order, 'revenue': revenue_shapley_order}
        ]) as credit
    from by_order
    union all
    select order_id, '(all channels)', '', {'model': 'all', 'orders': cast(1 as decimal(38, 12)), 'revenue': cast(sum(amount) as decimal(38, 6))} from core.order_money group by order_id
),

touched as (
    select order_id, channel, campaign from by_order
    union all
    select distinct order_id, '(all channels)', '' from core.order_money
),

entries as (
    select
        order_id, 'order_date' as date_basis, ordered_on as day, strftime(ordered_on, '%Y-%m') as month, true as is_order, is_first_order, is_kept,
        sum(amount) as amount, sum(costed_amount) as costed, sum(margin) as margin
    from core.order_money
    group by order_id, ordered_on, is_first_order, is_kept
    union all
    select order_id, 'refund_date', day, strftime(day, '%Y-%m'), is_order, is_first_order, is_kept, amount, costed_amount, margin from core.order_money
),

earned as (
    select
        entries.date_basis, long.credit.model as model, long.channel, long.campaign, entries.month,
        covered.day is not null as is_compared,
        sum(long.credit.orders) filter (where is_order) as orders,
        sum(long.credit.orders) filter (where is_order and is_first_order) as new_customers,
        sum(long.credit.orders) filter (where is_order and is_first_order and is_kept) as kept_customers,
        -- By the order's date it is what marts.attribution gives, to the last digit.
        sum(case when entries.date_basis = 'order_date' then cast(long.credit.revenue as decimal(38, 12))
            else cast(cast(long.credit.orders as decimal(22, 12)) * cast(entries.amount as decimal(16, 4)) as decimal(38, 12)) end) as revenue,
        sum(cast(long.credit.orders as double) * entries.costed) as costed,
        sum(cast(long.credit.orders as double) * entries.margin) as margin
    from long
    join entries on entries.order_id = long.order_id
    left join core.spend_coverage as covered on covered.channel = long.channel and covered.platform = '(all platforms)' and covered.day = entries.day
    where long.credit.orders is not null
    group by all
),

cells as (
    select
        date_basis, model, channel, campaign, month, grouping(campaign) = 0 as is_campaign,
        sum(orders) as conversions, sum(revenue) as revenue,
        sum(orders) filter (where is_compared) as compared_conversions,
        sum(new_customers) filter (where is_compared) as new_customers, sum(kept_customers) filter (where is_compared) as kept_customers,
        sum(revenue) filter (where is_compared) as compared_revenue,
        sum(costed) filter (where is_compared) as compared_costed, sum(margin) filter (where is_compared) as compared_margin
    from earned
    group by grouping sets ((date_basis, model, channel, month), (date_basis, model, channel), (date_basis, model, channel, campaign))
),

leveled as (
    select
        case when channel = '(all channels)' then 'all' when is_campaign then 'campaign' else 'channel' end as level,
        coalesce(month, 'all') as period, if(is_campaign, campaign, '(all)') as campaign, cells.* exclude (campaign)
    from cells
    where not (is_campaign and channel = '(all channels)')
),

counted as (
    select
        long.channel, if(grouping(long.campaign) = 0, long.campaign, '(all)') as campaign,
        coalesce(moves.month, 'all') as period, count(distinct moves.order_id) as count_orders,
        count(distinct moves.order_id) filter (where is_first_order) as count_first_orders
    from touched as long
    join entries as moves on moves.order_id = long.order_id and moves.date_basis = 'order_date'
    join core.spend_coverage as covered on covered.channel = long.channel and covered.platform = '(all platforms)' and covered.day = moves.day
    group by grouping sets ((long.channel, moves.month), (long.channel), (long.channel, long.campaign))
)

select
    leveled.date_basis,                                    -- order_date: refunds lower the month of their order; refund_date: they lower their own.
    leveled.level,                                         -- all, channel or campaign: take one at a time.
    leveled.period,                                        -- Month of the order or refund as 2026-09, or all; campaigns have all only.
    leveled.model,                                         -- Credit model; all at the level all, where every model gives the same.
    leveled.channel,                                       -- Channel; "No tracked touchpoint" for orders that nothing led to.
    leveled.campaign,                                      -- Campaign, its spellings together; empty when there is none, (all) above that level.
    cast(coalesce(conversions, 0) as double) as conversions,    -- Orders credited, in shares.
    cast(coalesce(revenue, 0) as decimal(38, 6)) as credited_revenue,    -- Revenue credited, after refunds, in the reporting currency.
    cast(coalesce(compared_conversions, 0) as double) as compared_conversions,    -- Orders credited on days whose spend is known.
    cast(coalesce(new_customers, 0) as double) as new_customers,    -- First-ever orders among them.
    cast(coalesce(kept_customers, 0) as double) as kept_customers,    -- The same without orders of which all money was given back.
    cast(coalesce(compared_revenue, 0) as decimal(38, 6)) as compared_revenue,    -- Revenue credited on those days.
    coalesce(compared_costed, 0) as compared_costed,       -- The part of it whose goods have a known cost.
    coalesce(compared_margin, 0) as compared_margin,       -- That part less what the goods cost.
    coalesce(count_orders, 0) as count_orders,             -- Orders of those days that it touched.
    coalesce(count_first_orders, 0) as count_first_orders    -- First-ever orders among them.
from leveled left join counted using (channel, campaign, period)
