-- One row per order number and system that has it: what that system says of the order, in the reporting currency.
-- grain: number_id, source_system
with

settings as (select * from config.settings),

rows as (
    select orders.*, numbers.number_id
    from validated.orders as orders
    join core.order_numbers as numbers using (source_system, order_ref)
),

once as (
    -- The same number twice within a system is a page loaded twice; the first report stands.
    select *
    from rows
    qualify row_number() over (partition by source_system, order_ref order by ordered_at, row_key) = 1
),

priced as (
    select
        once.*,
        rates.rate,
        gross - coalesce(discount, 0) + case when settings.revenue_includes_tax then coalesce(tax, 0) else 0 end
            + case when settings.revenue_includes_shipping then coalesce(shipping, 0) else 0 end as charged,
        row_number() over (partition by number_id, source_system order by ordered_at, order_ref) as place
    from once
    cross join settings
    left join core.exchange_rates as rates
        on rates.currency = once.currency and rates.day = cast(once.ordered_at as date)
)

select
    number_id,                                             -- The order as its numbers tell it; core.order_matches has the real order.
    source_system,                                         -- System that says so.
    min(order_ref) filter (where place = 1) as order_ref,  -- Its number there.
    min(ordered_at) as ordered_at,                         -- When it was placed, UTC.
    min(time_precision) filter (where place = 1) as time_precision,    -- How exact that clock is.
    min(time_note) filter (where place = 1) as time_note,  -- How daylight saving was dealt with; null where the time is plain.
    min(status) filter (where place = 1) as status,        -- Status the system gives.
    cast(round(sum(gross * rate), 4) as decimal(18, 4)) as gross,    -- Goods before discount.
    cast(round(sum(discount * rate), 4) as decimal(18, 4)) as discount,    -- Discount, positive.
    cast(round(sum(tax * rate), 4) as decimal(18, 4)) as tax,    -- Tax on top.
    cast(round(sum(shipping * rate), 4) as decimal(18, 4)) as shipping,    -- Shipping charged.
    min(currency) filter (where place = 1) as source_currency,    -- Currency the source wrote.
    case when count(distinct currency) = 1 then cast(sum(charged) as decimal(18, 4)) end as source_amount,    -- Goods after discount in that currency, before refunds; tax and shipping as the settings say. Null when its parts are in several.
    min(sale_channel) filter (where place = 1) as sale_channel,    -- Where the sale was made.
    min(location_ref) as location_ref,                     -- Store or branch.
    min(agent_ref) as agent_ref,                           -- Member of staff.
    min(coupon) as coupon,                                 -- Coupon or discount name.
    min(replaces_ref) as replaces_ref,                     -- Order it says it replaces.
    min(order_name) as order_name,                         -- What the source calls it.
    min(file_id) filter (where place = 1) as file_id,      -- File it was read from; see ops.files.
    min(line_number) filter (where place = 1) as line_number,    -- Line of that file.
    count(*) as count_parts                                -- Receipts of that system that make up the order.
from priced
group by number_id, source_system
