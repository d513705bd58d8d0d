-- One row per item sold or given back.
with

symbols as (
    select symbol, min(currency) as currency from config.currencies where symbol <> '$' group by symbol having count(*) = 1
),

no_dollars as (select currency from config.currencies where symbol not like '%$'),

payments as (
    select "Payment ID" as payment, "Transaction ID" as sale from raw.square__transactions where kind = 'payment'
    union all
    select "Payment ID", "Transaction ID" from raw.square__items where kind = 'payment'
),

originals as (
    -- A refund has an order of its own; only the payment leads back to the sale.
    select payment, min(sale) as sale from payments where payment is not null group by payment
),

items as (
    select
        i.*,
        originals.sale,
        case
            when symbols.currency <> file_currency then symbols.currency
            when starts_with(i."Gross Sales", '$') and file_currency in (select currency from no_dollars) then 'dollars'
        end as other_currency,
        -- The words of the natural key, so that two exports of the line give it the same number.
        concat_ws(' / ', "Item", "Price Point Name", '+ ' || "Modifiers Applied", row_number() over (
            partition by file_id, "Transaction ID", "Event Type", "Item", "Price Point Name", "Modifiers Applied"
            order by line_number)) as words,
        money_text(coalesce("Qty", "Count"), file_decimal_mark) as quantity_text,
        money_text("Gross Sales", file_decimal_mark) as gross_text,
        money_text("Net Sales", file_decimal_mark) as net_text
    from raw.square__items as i
    left join originals on i.kind = 'refund' and originals.payment = i."Payment ID"
    left join symbols on symbols.symbol = regexp_extract(i."Gross Sales", '[^0-9.,()\s-]+')
)

select
    file_id,
    line_number,
    row_key,
    coalesce(sale, "Transaction ID") as order_ref,
    case when sale is null then words else 'refund ' || "Transaction ID" || ' / ' || words end as line_ref,
    "SKU" as product_ref,
    concat_ws(', ', "Item", nullif("Price Point Name", 'Regular')) as product_name,
    nullif("Category", 'None') as category,
    -- A line once sold stays as it was: what came back is a line of its own, without units and value but with the units returned.
    case
        when kind not in ('payment', 'refund') then quantity_text || ' of a ' || kind
        when sale is not null and try_cast(quantity_text as decimal(18, 4)) is not null then '0'
        else quantity_text
    end as quantity,
    case
        when other_currency is not null then "Gross Sales" || ' is ' || other_currency || ', the settings say ' || file_currency
        when try_cast(gross_text as decimal(18, 4)) is null or try_cast(quantity_text as decimal(18, 4)) is null then gross_text
        else round(abs(try_cast(gross_text as double) / nullif(try_cast(quantity_text as double), 0)), 4)::varchar
    end as unit_price,
    -- A gift card is money received for later, not goods; its sale has no revenue either.
    case
        when try_cast(net_text as decimal(18, 4)) is not null and (sale is not null or "Itemization Type" ilike '%gift card%') then '0'
        else net_text
    end as amount,
    case when sale is not null then ltrim(quantity_text, '-') else '0' end as returned_quantity,
    file_currency as currency
from items
