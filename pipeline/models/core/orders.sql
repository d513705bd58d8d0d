-- One row per real order, whichever systems have it: the order book that all revenue ties to.
-- grain: order_id
with

settings as (select * from config.settings),

standing as (
    select
        orders.* exclude (sale_channel, coupon, location_ref, agent_ref, order_name),
        survivors.source_systems, survivors.count_systems, details.*
    from core.order_survivors as survivors
    join core.order_details as details using (order_id)
    join core.order_matches as matches
        on matches.order_id = survivors.order_id and matches.source_system = survivors.source_system
    join core.source_orders as orders
        on orders.source_system = matches.source_system and orders.order_ref = matches.order_ref
),

given_back as (
    select order_id, sum(amount) as amount, sum(tax) as tax, min(refunded_at) as first_refunded_at, count(*) as count_refunds
    from core.refunds
    where is_counted
    group by order_id
),

staff as (
    select distinct matches.order_id
    from core.staff_orders as staff
    join core.order_matches as matches using (source_system, order_ref)
),

valued as (
    select
        standing.*,
        buyers.customer_id,
        coalesce(given_back.amount, 0) as refunded,
        given_back.first_refunded_at,
        coalesce(given_back.count_refunds, 0) as count_refunds,
        exclusions.reason as excluded_as,
        exclusions.order_id is null as is_conversion,
        staff.order_id is not null as is_staff,
        -- Money that goes back on cards and goods together is taken from the goods first, unless the lines say more.
        case when settings.gift_cards_are_revenue then 0 else greatest(0, least(
            coalesce(gift_cards.sold - gift_cards.returned, 0), standing.gross - standing.discount - coalesce(given_back.amount, 0)))
        end as gift_cards,
        standing.gross - standing.discount - coalesce(given_back.amount, 0)
            + case when settings.revenue_includes_tax then standing.tax - coalesce(given_back.tax, 0) else 0 end
            + case when settings.revenue_includes_shipping then standing.shipping else 0 end as net,
        settings.minor_digits
    from standing
    cross join settings
    left join given_back using (order_id)
    left join core.order_buyers as buyers using (order_id)
    left join core.order_exclusions as exclusions using (order_id)
    left join core.gift_card_sales as gift_cards using (order_id)
    left join staff using (order_id)
),

numbered as (
    select
        * replace (net - gift_cards as net),
        case
            when is_conversion
                then row_number() over (partition by customer_id, is_conversion order by counted_until_at, order_id)
        end as order_index
    from valued
)

select
    order_id,                                              -- The real order: the number systems share, else the system's own.
    customer_id,                                           -- Customer who bought.
    ordered_at,                                            -- When it was placed by the books of that system, UTC.
    counted_until_at,                                      -- Touches up to here can earn credit: the end of what the earliest exact clock can tell.
    time_note,                                             -- How daylight saving was dealt with; null where the time is plain.
    status,                                                -- paid, refunded, partly_refunded, cancelled, open, lost or test.
    is_conversion,                                         -- It counts as a purchase.
    excluded_as,                                           -- Why it does not: test, cancelled, open, lost, staff or replacement; null when it does.
    is_staff,                                              -- Somebody of the business itself placed it, whether or not it counts.
    coalesce(excluded_as = 'replacement', false) as is_replacement,    -- It is worth nothing and replaces what was bought before.
    order_index,                                           -- 1 is the customer's first purchase; null when it is none.
    coalesce(order_index = 1, false) as is_first_order,    -- The customer's first purchase in the data.
    case when is_conversion then cast(
        case minor_digits
            when 0 then cast(net as decimal(18, 0))
            when 3 then cast(net as decimal(18, 3))
            else cast(net as decimal(18, 2))
        end as decimal(18, 4)) else 0 end as revenue,    -- What the order is worth after discount and refunds, in the reporting currency.
    gross,                                                 -- Goods before discount, in the reporting currency, as are all amounts here.
    discount,                                              -- Discount, positive.
    cast(refunded as decimal(18, 4)) as refunded,          -- Goods given back, positive.
    coalesce(refunded > gross - discount, false) as is_over_refunded,    -- More was given back than it was worth; its revenue is below zero.
    cast(gift_cards as decimal(18, 4)) as gift_cards,      -- Gift cards sold and not given back, which are no revenue by the settings.
    tax,                                                   -- Tax on top.
    shipping,                                              -- Shipping charged.
    source_currency,                                       -- Currency the source wrote.
    source_amount,                                         -- Goods after discount in that currency, before refunds; tax and shipping as the settings say.
    first_refunded_at,                                     -- First refund, UTC.
    count_refunds,                                         -- Refunds that count.
    source_system,                                         -- System whose money stands.
    source_systems,                                        -- Every system that has the order.
    sale_channel,                                          -- Where the sale was made, by money.details_priority.
    location_ref,                                          -- Store or branch.
    agent_ref,                                             -- Member of staff.
    coupon,                                                -- Coupon or discount name, by money.details_priority.
    order_name,                                            -- What a source calls it.
    file_id,                                               -- File it was read from; see ops.files.
    line_number                                            -- Line of that file.
from numbered
