-- One row per purchase and day on which money of it moved: the order before refunds, and what each day took back.
-- grain: order_id, day, is_order
with

settings as (select * from config.settings),

refunds as (
    select
        refunds.order_id, refunds.refunded_at,
        refunds.amount + case when settings.revenue_includes_tax then coalesce(refunds.tax, 0) else 0 end as amount
    from core.refunds as refunds
    cross join settings
    where refunds.is_counted
),

given_back as (select order_id, sum(amount) as amount from refunds group by order_id),

purchases as (
    select
        orders.*,
        cast(timezone(settings.reporting_zone, timezone('UTC', orders.ordered_at)) as date) as ordered_on,
        orders.revenue + coalesce(given_back.amount, 0) as before_refunds,
        cast(greatest(orders.gross - orders.discount - orders.gift_cards, 0) as double) as goods,
        settings.margin_share, settings.reporting_zone
    from core.orders as orders
    cross join settings
    left join given_back on given_back.order_id = orders.order_id
    where orders.is_conversion
),

costs as (
    select *, coalesce(lead(from_day) over (partition by product order by from_day), date '9999-12-31') as until_day
    from config.product_costs
),

lines as (
    select
        lines.order_id,
        greatest(coalesce(lines.amount, 0), 0) as amount,
        lines.quantity * coalesce(by_ref.unit_cost, by_name.unit_cost) as cost
    from core.order_lines as lines
    join purchases on purchases.order_id = lines.order_id
    left join costs as by_ref
        on by_ref.product = lower(trim(lines.product_ref))
        and purchases.ordered_on >= by_ref.from_day and purchases.ordered_on < by_ref.until_day
    left join costs as by_name
        on by_name.product = lower(trim(lines.product_name))
        and purchases.ordered_on >= by_name.from_day and purchases.ordered_on < by_name.until_day
),

known as (
    select
        order_id,
        cast(coalesce(sum(cost), 0) as double) as cost,
        case when bool_and(cost is not null) then 1.0
            else coalesce(cast(sum(amount) filter (where cost is not null) as double) / nullif(cast(sum(amount) as double), 0), 0.0)
        end as known_share
    from lines
    group by order_id
),

valued as (
    select
        purchases.*,
        case when margin_share is not null then 1.0 else coalesce(known.known_share, 0.0) end as costed_share,
        goods * coalesce(known.known_share, 0.0) - coalesce(known.cost, 0)
            + goods * (1 - coalesce(known.known_share, 0.0)) * coalesce(margin_share, 0.0) as margin,
        case
            when known.known_share = 1 then 'products'
            when margin_share is not null and known.known_share > 0 then 'products and share'
            when margin_share is not null then 'share'
            when known.known_share > 0 then 'a part of the products'
            else 'unknown'
        end as cost_basis
    from purchases
    left join known on known.order_id = purchases.order_id
),

moves as (
    select order_id, ordered_on as day, true as is_order, before_refunds as amount from valued
    union all
    select
        valued.order_id,
        coalesce(cast(timezone(valued.reporting_zone, timezone('UTC', refunds.refunded_at)) as date), valued.ordered_on),
        false,
        -sum(refunds.amount)
    from refunds
    join valued on valued.order_id = refunds.order_id
    group by 1, 2
)

select
    moves.order_id,                                        -- The real order.
    moves.day,                                             -- Day in the reporting zone: of the order, or of its refunds; refunds without a day are of the order's.
    moves.is_order,                                        -- The order itself before refunds; else what refunds of the day took back.
    valued.ordered_on,                                     -- Day of the order.
    coalesce(valued.is_first_order, false) as is_first_order,    -- It is the customer's first order.
    valued.revenue > 0 or valued.before_refunds <= 0 as is_kept,    -- Not all of its money was given back, whenever that was.
    cast(moves.amount as decimal(18, 4)) as amount,        -- Revenue, in the reporting currency; below zero for refunds. An order's rows add up to its revenue.
    cast(moves.amount as double) * valued.costed_share as costed_amount,    -- The part of it whose goods have a known cost.
    case when moves.is_order then valued.margin else
        coalesce(cast(moves.amount as double) * valued.margin / nullif(cast(valued.before_refunds as double), 0), 0.0)
    end as margin,                                         -- That part less what the goods cost; refunds take goods and cost back alike.
    valued.cost_basis                                      -- Where its costs come from: products, money.margin_share, or unknown.
from moves
join valued on valued.order_id = moves.order_id
