-- One row per credit model, level, month and what earns the credit: orders and revenue of the look-back's touches.
-- grain: model, level, month, is_first_order, channel, source, medium, campaign, content
with

touches as (
    -- Bit m of `earned` says that the touch earns credit by model m, so that orders are counted with one number each.
    select
        *,
        1 * cast(coalesce(orders_first, 0) > 1e-9 as int)
            + 2 * cast(coalesce(orders_last, 0) > 1e-9 as int)
            + 4 * cast(coalesce(orders_last_non_direct, 0) > 1e-9 as int)
            + 8 * cast(coalesce(orders_last_paid, 0) > 1e-9 as int)
            + 16 * cast(coalesce(orders_linear, 0) > 1e-9 as int)
            + 32 * cast(coalesce(orders_time_decay, 0) > 1e-9 as int)
            + 64 * cast(coalesce(orders_position, 0) > 1e-9 as int)
            + 128 * cast(coalesce(orders_j_shaped, 0) > 1e-9 as int)
            + 256 * cast(coalesce(orders_inverse_j, 0) > 1e-9 as int)
            + 512 * cast(coalesce(orders_custom, 0) > 1e-9 as int)
            + 1024 * cast(coalesce(orders_shapley_simple, 0) > 1e-9 as int)
            + 2048 * cast(coalesce(orders_markov_order, 0) > 1e-9 as int)
            + 4096 * cast(coalesce(orders_shapley_order, 0) > 1e-9 as int) as earned
    from marts.attribution_touches
),

-- How far a row is rolled up, as bits: 4 over source and medium, 2 over the campaign, 1 over the content.
summed as (
    select
        grouping(source, campaign, content) as rolled, month, is_first_order, channel, source, medium, campaign, content,
        sum(columns('^(orders|revenue)_'))
    from touches
    group by month, is_first_order, channel,
        grouping sets ((), (source, medium), (source, medium, campaign), (source, medium, campaign, content))
),

by_order as (
    select
        grouping(source, campaign, content) as rolled, month, is_first_order, channel, source, medium, campaign, content,
        bit_or(earned) as earned
    from touches
    group by order_id, month, is_first_order, channel,
        grouping sets ((), (source, medium), (source, medium, campaign), (source, medium, campaign, content))
),

counted as (
    select
        rolled, month, is_first_order, channel, source, medium, campaign, content,
        count(*) filter (where earned & 1 > 0) as count_first,
        count(*) filter (where earned & 2 > 0) as count_last,
        count(*) filter (where earned & 4 > 0) as count_last_non_direct,
        count(*) filter (where earned & 8 > 0) as count_last_paid,
        count(*) filter (where earned & 16 > 0) as count_linear,
        count(*) filter (where earned & 32 > 0) as count_time_decay,
        count(*) filter (where earned & 64 > 0) as count_position,
        count(*) filter (where earned & 128 > 0) as count_j_shaped,
        count(*) filter (where earned & 256 > 0) as count_inverse_j,
        count(*) filter (where earned & 512 > 0) as count_custom,
        count(*) filter (where earned & 1024 > 0) as count_shapley_simple,
        count(*) filter (where earned & 2048 > 0) as count_markov_order,
        count(*) filter (where earned & 4096 > 0) as count_shapley_order
    from by_order
    group by all
),

leveled as (
    select
        summed.*,
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
    from summed
    join counted
        on counted.rolled = summed.rolled and counted.channel = summed.channel
        and counted.source is not distinct from summed.source and counted.medium is not distinct from summed.medium
        and counted.campaign is not distinct from summed.campaign and counted.content is not distinct from summed.content
        and counted.month is not distinct from summed.month
        and counted.is_first_order is not distinct from summed.is_first_order
)

select
    credit.model as model,                                 -- Credit model; each adds up to all orders.
    case rolled when 0 then 'content' when 1 then 'campaign' when 3 then 'source_medium' else 'channel' end as level,    -- channel, source_medium, campaign or content: take one at a time.
    month,                                                 -- Month of the order, in the reporting zone.
    is_first_order,                                        -- They are the customers' first orders.
    channel,                                               -- Channel; "No tracked touchpoint" for orders that nothing led to.
    if(rolled < 7, source, '(all)') as source,             -- Source; (all) at the level channel, empty when there is none.
    if(rolled < 7, medium, '(all)') as medium,             -- Medium; (all) at the level channel.
    if(rolled < 3, campaign, '(all)') as campaign,         -- Campaign; (all) above the level campaign.
    if(rolled < 1, content, '(all)') as content,           -- Ad or link variant; (all) above the level content.
    cast(credit.orders as double) as conversions,          -- Orders credited, in shares.
    cast(credit.revenue as decimal(18, 6)) as credited_revenue,    -- Revenue credited, in the reporting currency, net of refunds.
    credit.count as count_orders                           -- Orders in which it earned any credit.
from leveled
where credit.orders is not null
