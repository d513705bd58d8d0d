-- One row per model that does not share out each order, and channel: its effect, and the credit that follows from it.
-- Markov and Shapley share all orders by what a channel takes with it; participation gives it every order it touched.
-- grain: model, channel
with

touched as (
    select
        channels.model_code,
        touches.order_id,
        cast(sum(touches.orders_linear) as double) as orders,
        sum(touches.revenue_linear) as revenue
    from marts.attribution_touches as touches
    join core.channel_codes as codes on codes.channel = touches.channel
    join core.model_channels as channels on channels.channel_code = codes.channel_code
    where touches.touch_id is not null
    group by all
),

worth as (
    select order_id, sum(revenue) as revenue
    from touched
    group by order_id
),

totals as (select count(*) as orders, coalesce(sum(revenue), 0) as revenue from worth),

participating as (
    select touched.model_code, count(*) as orders, sum(worth.revenue) as revenue
    from touched
    join worth on worth.order_id = touched.order_id
    group by touched.model_code
),

effects as (
    select
        effects.*,
        coalesce(participating.orders, 0) as orders_touched,
        coalesce(participating.revenue, 0) as revenue_touched,
        totals.orders as orders_credited,
        totals.revenue as revenue_credited,
        coalesce(removal_effect / nullif(sum(removal_effect) over (), 0), 0) as removal_share,
        case when abs(sum(shapley_value) over ()) > 1e-12 then shapley_value / sum(shapley_value) over () else 0 end as shapley_share,
        coalesce(participating.orders / nullif(totals.orders, 0), 0) as touched_share
    from core.channel_effects as effects
    left join participating on participating.model_code = effects.model_code
    cross join totals
),

modelled as (
    select
        effects.*,
        unnest([
            {'model': 'markov_global', 'effect': removal_effect, 'share': removal_share,
                'orders': removal_share * orders_credited, 'revenue': removal_share * revenue_credited},
            {'model': 'shapley_rate', 'effect': shapley_value, 'share': shapley_share,
                'orders': shapley_share * orders_credited, 'revenue': shapley_share * revenue_credited},
            {'model': 'participation', 'effect': touched_share, 'share': touched_share,
                'orders': cast(orders_touched as double), 'revenue': cast(revenue_touched as double)}
        ]) as credit
    from effects
)

select
    credit.model as model,                                 -- markov_global, shapley_rate, or participation, which does not add up.
    model_channel as channel,                              -- Channel; (other channels) stands for the small ones together.
    count_pooled,                                          -- Channels under that name.
    credit.effect as effect,                               -- Removal effect, Shapley value, or share of orders touched.
    credit.share as credit_share,                          -- Share of the credited orders; those of participation add up to more than 1.
    credit.orders as conversions,                          -- Orders credited, in shares.
    cast(round(credit.revenue, 6) as decimal(18, 6)) as credited_revenue,    -- Revenue credited, in the reporting currency.
    orders_touched as count_orders,                        -- Orders that had it among the touches that earn credit.
    count_closed,                                          -- Journeys that ended and had any channel.
    count_journeys,                                        -- Journeys that ended and had it; n of the effect.
    count_converted,                                       -- Those of them that ended with an order.
    conversion_probability,                                -- Chance of an order from the start of a journey, by the Markov chain.
    markov_order,                                          -- Channels that the Markov chain remembers.
    is_collapsed,                                          -- Equal channels in a row counted as one.
    held_out_by_order,                                     -- Mean log-likelihood of a step of held-out journeys, by order from 1.
    held_out_errors                                        -- Standard error of what each order falls short of the best.
from modelled
