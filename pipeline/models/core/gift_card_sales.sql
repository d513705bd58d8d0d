-- One row per real order with gift cards among its lines: what they were sold for.
-- grain: order_id
select
    lines.order_id,                                        -- The real order.
    cast(sum(lines.amount) as decimal(18, 4)) as sold,     -- Gift cards sold, in the reporting currency; nothing where the source keeps them out of its sales.
    cast(sum(coalesce(lines.returned_quantity, 0) * coalesce(lines.unit_price, 0)) as decimal(18, 4)) as returned    -- Of these, given back.
from core.order_lines as lines
cross join config.settings
where regexp_matches(concat_ws(' ', lines.product_name, lines.category, lines.product_ref), gift_card_regex)
group by lines.order_id
