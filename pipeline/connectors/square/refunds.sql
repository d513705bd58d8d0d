-- One row per refund of the transactions; one that failed is only an event.
with

zones as (
    select name, zone from config.time_zone_names
    union all
    select name, name from pg_timezone_names() where contains(name, '/')
),

symbols as (
    select symbol, min(currency) as currency from config.currencies where symbol <> '$' group by symbol having count(*) = 1
),

no_dollars as (select currency from config.currencies where symbol not like '%$'),

given_back as (
    select
        t.*,
        coalesce(zones.zone, case when "Time Zone" is null then file_zone end) as zone,
        case
            when symbols.currency <> file_currency then symbols.currency
            when starts_with(t."Total Collected", '$') and file_currency in (select currency from no_dollars) then 'dollars'
        end as other_currency,
        money_text("Net Sales", file_decimal_mark) as net_text,
        money_text("Partial Refunds", file_decimal_mark) as partial_text,
        money_text("Tax", file_decimal_mark) as tax_text
    from raw.square__transactions as t
    left join zones on lower(zones.name) = lower(t."Time Zone")
    left join symbols on symbols.symbol = regexp_extract(t."Total Collected", '[^0-9.,()\s-]+')
    where kind = 'refund' and state <> 'cancelled'
)

select
    file_id,
    line_number,
    row_key,
    -- One refund over two payments has one id and two rows.
    concat_ws(' ', "Transaction ID", "Payment ID") as refund_ref,
    case when "Payment ID" is null then "Transaction ID" end as order_ref,
    "Payment ID" as payment_ref,
    case
        when zone is null then coalesce("Time Zone", 'no time zone') || ': ' || sold_at
        when day_order = 'not told' and file_currency <> 'USD' then "Date" || ': day or month first?'
        else utc_text(sold_at, zone)
    end as refunded_at,
    -- A refund by amount gives back no items: its row has no Net Sales and says the amount under Partial Refunds.
    case
        when other_currency is not null then "Net Sales" || ' is ' || other_currency || ', the settings say ' || file_currency
        when try_cast(net_text as double) = 0 or net_text is null
        then coalesce((-try_cast(partial_text as decimal(18, 4)))::varchar, partial_text, net_text)
        else coalesce((-try_cast(net_text as decimal(18, 4)))::varchar, net_text)
    end as amount,
    coalesce((-try_cast(tax_text as decimal(18, 4)))::varchar, tax_text) as tax,
    file_currency as currency,
    "Refund Reason" as reason,
    "Location" as location_ref
from given_back
