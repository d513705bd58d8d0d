-- One row per credit model, level, month and what earns the credit: orders and revenue of the look-back's touches.
-- grain: model, level, month, channel, source, medium, campaign
with

settings as (select * from config.settings),

edges as (
    -- A touch earns the difference of two running shares, up to it and before it. Money is rounded where the shares
    -- meet, so the parts of an order always add up to it.
    select *, credit_index as place, 1 as sign, decay_upto as decay_share from core.credited_touches
    union all
    select *, credit_index - 1 as place, -1 as sign, decay_before as decay_share from core.credited_touches
),

last_named as (
    select journey_id, max(credit_index) as named_place from core.credited_touches where is_last_non_direct group by journey_id
),

shares as (
    select
        edges.*,
        unnest([
            {'model': 'first', 'share': case when place >= 1 then 1.0 else 0.0 end},
            {'model': 'last', 'share': case when place = credit_count then 1.0 else 0.0 end},
            {'model': 'last_non_direct', 'share': case when place >= named_place then 1.0 else 0.0 end},
            {'model': 'linear', 'share': place / credit_count},
            {'model': 'time_decay', 'share': decay_share},
            {'model': 'position', 'share': case
                when place = 0 then 0.0
                when place = credit_count then 1.0
                when credit_count = 2 then case
                    when position_first + position_last > 0 then position_first / (position_first + position_last)
                    else 0.5 end
                else position_first + (1 - position_first - position_last) * (place - 1) / (credit_count - 2) end},
            {'model': 'j_shaped', 'share': case
                when place = 0 then 0.0
                when place = credit_count then 1.0
                when credit_count = 2 then 1 - j_last_of_two
                else 0.2 + 0.2 * (place - 1) / (credit_count - 2) end},
            {'model': 'inverse_j', 'share': case
                when place = 0 then 0.0
                when place = credit_count then 1.0
                when credit_count = 2 then j_last_of_two
                else 0.6 + 0.2 * (place - 1) / (credit_count - 2) end}
        ]) as earned
    from edges
    join last_named using (journey_id)
    cross join settings
),

credited as (
    select
        earned.model as model,
        month, channel, source, medium, campaign, journey_id,
        sum(sign * earned.share) as conversions,
        sum(sign * cast(round(revenue * earned.share, 6) as decimal(18, 6))) as credited_revenue
    from shares
    group by all
),

untracked as (
    select
        models.model,
        cast(date_trunc('month', timezone(settings.reporting_zone, timezone('UTC', orders.ordered_at))) as date) as month,
        orders.order_id,
        orders.revenue
    from core.orders as orders
    cross join settings
    cross join (select unnest(['first', 'last', 'last_non_direct', 'linear', 'time_decay', 'position', 'j_shaped', 'inverse_j']) as model) as models
    where orders.is_conversion and orders.order_id not in (select order_id from core.credited_touches)
),

everything as (
    select
        model, month, channel, source, medium, campaign, conversions, credited_revenue,
        case when conversions > 1e-9 then journey_id end as journey_id
    from credited
    union all
    select model, month, 'No tracked touchpoint', '', '', '', 1.0, revenue, hash(order_id) from untracked
),

leveled as (
    select
        model,
        case
            when grouping(campaign) = 0 then 'campaign'
            when grouping(source) = 0 then 'source_medium'
            else 'channel'
        end as level,
        month,
        channel,
        coalesce(source, '(all)') as source,
        coalesce(medium, '(all)') as medium,
        coalesce(campaign, '(all)') as campaign,
        sum(conversions) as conversions,
        sum(credited_revenue) as credited_revenue,
        count(distinct journey_id) as count_orders
    from everything
    group by grouping sets (
        (model, month, channel),
        (model, month, channel, source, medium),
        (model, month, channel, source, medium, campaign)
    )
)

select
    model,                                                 -- Credit model; each adds up to all orders.
    level,                                                 -- channel, source_medium or campaign: take one at a time.
    month,                                                 -- Month of the order, in the reporting zone.
    channel,                                               -- Channel; "No tracked touchpoint" for orders that nothing led to.
    source,                                                -- Source; (all) at the level channel, empty when there is none.
    medium,                                                -- Medium; (all) at the level channel.
    campaign,                                              -- Campaign; (all) above the level campaign.
    round(conversions, 9) as conversions,                  -- Orders credited, in shares.
    cast(credited_revenue as decimal(18, 6)) as credited_revenue,    -- Revenue credited, in the reporting currency, net of refunds.
    count_orders                                           -- Orders in which it earned any credit.
from leveled
