-- One row per real order with gift cards among its lines: what they were sold for.
-- grain: order_id
with

cards as (
    -- A pattern out of a table is read anew for every row, so products are looked at once.
    select products.*
    from (
        select distinct product_name, category, product_ref from core.order_lines
    ) as products
    cross join config.settings
    where regexp_matches(concat_ws(' ', product_name, category, product_ref), gift_card_regex)
)

select
    lines.order_id,                                        -- The real order.
    cast(sum(lines.amount) as decimal(18, 4)) as sold,     -- Gift cards sold, in the reporting currency; nothing where the source keeps them out of its sales.
    cast(sum(coalesce(lines.returned_quantity, 0) * coalesce(lines.unit_price, 0)) as decimal(18, 4)) as returned    -- Of these, given back.
from core.order_lines as lines
join cards
    on cards.product_name is not distinct from lines.product_name
    and cards.category is not distinct from lines.category
    and cards.product_ref is not distinct from lines.product_ref
group by lines.order_id
