-- One row per sale or refund of the transactions.
with

zones as (
    select name, zone from config.time_zone_names
    union all
    select name, name from pg_timezone_names() where contains(name, '/')
),

originals as (
    -- Refund rows lose the customer; the sale they go back on still has one.
    select
        "Payment ID" as payment,
        min("Transaction ID") as original_sale,
        min("Customer ID") as original_customer,
        min("Customer Reference ID") as original_loyalty_id
    from raw.square__transactions
    where kind = 'payment' and "Payment ID" is not null
    group by "Payment ID"
),

rows as (
    select
        t.*,
        coalesce(zones.zone, case when "Time Zone" is null then file_zone end) as zone,
        coalesce(names.interaction, case when sold_by = 'store' then 'store_purchase' else 'purchase' end) as named_interaction,
        -- The shop's own pages know the visit of a web sale; with a person here it would become one more visit, a direct one.
        kind = 'refund' or sold_by = 'store' as is_at_the_till,
        originals.original_sale, originals.original_customer, originals.original_loyalty_id,
        coalesce(
            nullif(try_cast(money_text("Net Sales", file_decimal_mark) as decimal(18, 4)), 0),
            case when kind = 'refund' then try_cast(money_text("Partial Refunds", file_decimal_mark) as decimal(18, 4)) end
        ) as value
    from raw.square__transactions as t
    left join zones on lower(zones.name) = lower(t."Time Zone")
    left join originals on t.kind = 'refund' and originals.payment = t."Payment ID"
    left join config.event_names as names
        on names.source_system = 'square' and lower(names.event_name) = lower(coalesce(t."Event Type", t.kind))
)

select
    row_key as event_id,
    file_id,
    line_number,
    row_key,
    case
        when zone is null then coalesce("Time Zone", 'no time zone') || ': ' || sold_at
        when day_order = 'not told' and file_currency <> 'USD' then "Date" || ': day or month first?'
        else utc_text(sold_at, zone)
    end as occurred_at,
    case when sold_clock is null then 'day' when regexp_matches("Time", ':\d\d:') then 'second' else 'minute' end as time_precision,
    coalesce("Event Type", upper(kind[1]) || kind[2:]) as event_name,
    case when state = 'final' then named_interaction else 'other' end as interaction,
    case when is_at_the_till then coalesce("Customer ID", original_customer) end as person_key,
    case when is_at_the_till then coalesce("Customer Reference ID", original_loyalty_id) end as loyalty_id,
    case when is_at_the_till and contains("Customer Name", '@') then "Customer Name" end as email,
    case sold_by when 'store' then 'store' when 'marketplace' then 'marketplace' end as medium,
    case sold_by when 'marketplace' then coalesce(case when "Channel" is distinct from "Location" then "Channel" end, "Source") end as source,
    case when kind = 'refund' then coalesce(original_sale, "Transaction ID") else "Transaction ID" end as order_ref,
    coalesce(value, 0) as amount,
    file_currency as currency,
    "Location" as location_ref,
    coalesce("Staff Name", "Staff ID") as agent_ref,
    json_merge_patch('{}', to_json({'source': "Source", 'channel': "Channel", 'reason': "Refund Reason"}))::varchar as detail
from rows
