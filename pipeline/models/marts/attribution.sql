-- One row per credit model, level, month and what earns the credit: orders and revenue of the look-back's touches.
-- grain: model, level, month, is_first_order, channel, source, medium, campaign, content
with

by_order as (
    select
        order_id, month, is_first_order, channel, source, medium, campaign, content,
        case
            when grouping(content) = 0 then 'content'
            when grouping(campaign) = 0 then 'campaign'
            when grouping(source) = 0 then 'source_medium'
            else 'channel'
        end as level,
        sum(columns('^(orders|revenue)_'))
    from marts.attribution_touches
    group by grouping sets (
        (order_id, month, is_first_order, channel),
        (order_id, month, is_first_order, channel, source, medium),
        (order_id, month, is_first_order, channel, source, medium, campaign),
        (order_id, month, is_first_order, channel, source, medium, campaign, content)
    )
),

rolled as (
    select
        level, month, is_first_order, channel, source, medium, campaign, content,
        sum(columns('^(orders|revenue)_')),
        count(*) filter (where orders_first > 1e-9) as count_first,
        count(*) filter (where orders_last > 1e-9) as count_last,
        count(*) filter (where orders_last_non_direct > 1e-9) as count_last_non_direct,
        count(*) filter (where orders_last_paid > 1e-9) as count_last_paid,
        count(*) filter (where orders_linear > 1e-9) as count_linear,
        count(*) filter (where orders_time_decay > 1e-9) as count_time_decay,
        count(*) filter (where orders_position > 1e-9) as count_position,
        count(*) filter (where orders_j_shaped > 1e-9) as count_j_shaped,
        count(*) filter (where orders_inverse_j > 1e-9) as count_inverse_j,
        count(*) filter (where orders_custom > 1e-9) as count_custom,
        count(*) filter (where orders_shapley_simple > 1e-9) as count_shapley_simple,
        count(*) filter (where orders_markov_order > 1e-9) as count_markov_order,
        count(*) filter (where orders_shapley_order > 1e-9) as count_shapley_order
    from by_order
    group by all
),

leveled as (
    select
        level, month, is_first_order, channel, source, medium, campaign, content,
        unnest([
            {'model': 'first', 'orders': orders_first, 'revenue': revenue_first, 'count': count_first},
            {'model': 'last', 'orders': orders_last, 'revenue': revenue_last, 'count': count_last},
            {'model': 'last_non_direct', 'orders': orders_last_non_direct, 'revenue': revenue_last_non_direct, 'count': count_last_non_direct},
            {'model': 'last_paid', 'orders': orders_last_paid, 'revenue': revenue_last_paid, 'count': count_last_paid},
            {'model': 'linear', 'orders': orders_linear, 'revenue': revenue_linear, 'count': count_linear},
            {'model': 'time_decay', 'orders': orders_time_decay, 'revenue': revenue_time_decay, 'count': count_time_decay},
            {'model': 'position', 'orders': orders_position, 'revenue': revenue_position, 'count': count_position},
            {'model': 'j_shaped', 'orders': orders_j_shaped, 'revenue': revenue_j_shaped, 'count': count_j_shaped},
            {'model': 'inverse_j', 'orders': orders_inverse_j, 'revenue': revenue_inverse_j, 'count': count_inverse_j},
            {'model': 'custom', 'orders': orders_custom, 'revenue': revenue_custom, 'count': count_custom},
            {'model': 'shapley_simple', 'orders': orders_shapley_simple, 'revenue': revenue_shapley_simple, 'count': count_shapley_simple},
            {'model': 'markov_order', 'orders': orders_markov_order, 'revenue': revenue_markov_order, 'count': count_markov_order},
            {'model': 'shapley_order', 'orders': orders_shapley_order, 'revenue': revenue_shapley_order, 'count': count_shapley_order}
        ]) as credit
    from rolled
)

select
    credit.model as model,                                 -- Credit model; each adds up to all orders.
    level,                                                 -- channel, source_medium, campaign or content: take one at a time.
    month,                                                 -- Month of the order, in the reporting zone.
    is_first_order,                                        -- They are the customers' first orders.
    channel,                                               -- Channel; "No tracked touchpoint" for orders that nothing led to.
    coalesce(source, '(all)') as source,                   -- Source; (all) at the level channel, empty when there is none.
    coalesce(medium, '(all)') as medium,                   -- Medium; (all) at the level channel.
    coalesce(campaign, '(all)') as campaign,               -- Campaign; (all) above the level campaign.
    coalesce(content, '(all)') as content,                 -- Ad or link variant; (all) above the level content.
    cast(credit.orders as double) as conversions,          -- Orders credited, in shares.
    cast(credit.revenue as decimal(18, 6)) as credited_revenue,    -- Revenue credited, in the reporting currency, net of refunds.
    credit.count as count_orders                           -- Orders in which it earned any credit.
from leveled
where credit.orders is not null
