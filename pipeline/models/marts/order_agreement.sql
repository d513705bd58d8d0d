-- One row per pair of files that know the same orders, and how far their times and amounts of an order lie apart.
-- grain: file_id, other_file_id, time_relation, minutes_apart, amount_relation, amount_power
with

reports as (
    select
        file_id,
        unnest(list_distinct(list_append(coalesce(alt_order_refs, []), order_ref))) as order_ref,
        case when time_precision <> 'day' then ordered_at end as moment,
        gross - discount as amount
    from validated.orders
    union all
    select
        file_id,
        order_ref,
        case when time_precision <> 'day' then occurred_at end,
        amount
    from core.touchpoints
    where order_ref is not null and interaction in ('purchase', 'store_purchase')
),

once as (
    select file_id, upper(regexp_replace(order_ref, '[#\s]', '', 'g')) as order_number, min(moment) as moment, max(amount) as amount
    from reports
    where order_ref is not null
    group by all
),

pairs as (
    select
        one.file_id,
        other.file_id as other_file_id,
        date_diff('second', one.moment, other.moment) / 60 as minutes,
        case when one.amount > 0 and other.amount > 0 then log10(cast(other.amount / one.amount as double)) end as power
    from once as one
    join once as other on other.order_number = one.order_number and other.file_id > one.file_id
    where one.order_number <> ''
)

select
    file_id,                                               -- One file; see ops.files.
    other_file_id,                                         -- The other file.
    case
        when minutes is null then 'not_told'
        when abs(minutes) >= 14.5 * 60 then 'far'
        when abs(minutes - round(minutes / 30) * 30) <= 5 then 'half_hours'
        else 'between'
    end as time_relation,                                  -- half_hours: within five minutes of minutes_apart, as a wrong time zone makes it; between; far: beyond 14 hours; not_told: one has no time of day.
    case when abs(minutes) < 14.5 * 60 then cast(round(minutes / 30) * 30 as bigint) else 0 end as minutes_apart,    -- How much later the other file's time is, to the nearest half hour; 0 when far or not told.
    case
        when power is null then 'not_told'
        when abs(power - round(power)) <= 0.15 then 'power_of_ten'
        else 'other'
    end as amount_relation,                                -- power_of_ten: the same amount, give or take tax and shipping, or ten, a hundred, … times it; other; not_told: one has no amount.
    case when abs(power - round(power)) <= 0.15 then cast(round(power) as bigint) else 0 end as amount_power,    -- How many times ten the other file's amount is larger: 2 is a hundred times; 0 when it is the same, other or not told.
    count(*) as count_orders                               -- Orders that both know.
from pairs
group by all
