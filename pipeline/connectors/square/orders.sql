-- One row per sale of the transactions.
with

zones as (
    select name, zone from config.time_zone_names
    union all
    -- Abbreviations are left out: BST is British to the merchant and Bangladeshi to the list.
    select name, name from pg_timezone_names() where contains(name, '/')
),

symbols as (
    -- The bare dollar sign stands for several currencies; most others say which one it is.
    select symbol, min(currency) as currency from config.currencies where symbol <> '$' group by symbol having count(*) = 1
),

no_dollars as (select currency from config.currencies where symbol not like '%$'),

sales as (
    select
        t.*,
        coalesce(zones.zone, case when "Time Zone" is null then file_zone end) as zone,
        case
            when symbols.currency <> file_currency then symbols.currency
            when starts_with(t."Total Collected", '$') and file_currency in (select currency from no_dollars) then 'dollars'
        end as other_currency,
        money_text("Gross Sales", file_decimal_mark) as gross_text,
        money_text("Net Sales", file_decimal_mark) as net_text,
        ltrim(money_text("Discounts", file_decimal_mark), '-') as discount_text
    from raw.square__transactions as t
    left join zones on lower(zones.name) = lower(t."Time Zone")
    left join symbols on symbols.symbol = regexp_extract(t."Total Collected", '[^0-9.,()\s-]+')
    where kind <> 'refund'
)

select
    file_id,
    line_number,
    row_key,
    "Transaction ID" as order_ref,
    some_of(["Order Reference ID"]) as alt_order_refs,
    some_of(["Payment ID"]) as payment_refs,
    case
        when zone is null then coalesce("Time Zone", 'no time zone') || ': ' || sold_at
        when day_order = 'not told' and file_currency <> 'USD' then "Date" || ': day or month first?'
        else utc_text(sold_at, zone)
    end as ordered_at,
    case when sold_clock is null then 'day' when regexp_matches("Time", ':\d\d:') then 'second' else 'minute' end as time_precision,
    case
        when kind <> 'payment' then kind
        when state <> 'final' then state
        when try_cast(money_text("Partial Refunds", file_decimal_mark) as double) <> 0 then 'partly_refunded'
        else 'paid'
    end as status,
    -- Net Sales is what Square itself reports, whichever of tax and service charges the account counts in Gross Sales.
    case
        when other_currency is not null then "Gross Sales" || ' is ' || other_currency || ', the settings say ' || file_currency
        when try_cast(gross_text as decimal(18, 4)) is null or net_text is null then gross_text
        else coalesce(
            (try_cast(net_text as decimal(18, 4)) + coalesce(try_cast(discount_text as decimal(18, 4)), 0))::varchar, net_text)
    end as gross,
    discount_text as discount,
    money_text("Tax", file_decimal_mark) as tax,
    file_currency as currency,
    "Customer ID" as person_key,
    "Customer Reference ID" as loyalty_id,
    case when contains("Customer Name", '@') then "Customer Name" end as email,
    sold_by as sale_channel,
    "Location" as location_ref,
    coalesce("Staff Name", "Staff ID") as agent_ref,
    "Discount Name" as coupon,
    "Description" as order_name,
    json_merge_patch('{}', to_json({
        'source': "Source", 'channel': "Channel", 'device': coalesce("Device Nickname", "Device Name"), 'dining_option': "Dining Option",
        'service_charges': "Service Charges", 'gift_card_sales': "Gift Card Sales", 'tip': "Tip", 'fees': "Fees",
        'partial_refunds': "Partial Refunds", 'transaction_status': "Transaction Status", 'other': extra
    }))::varchar as detail
from sales
