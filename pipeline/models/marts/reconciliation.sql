-- One row per step from what a source delivered to what a model credits; totals are counted elsewhere than their steps.
-- grain: section, source_system, model, currency, month, step
with

settings as (select * from config.settings),

rows as (
    select
        rows.*,
        -- As wide and as exact as any amount that is set beside it below: a narrower one would round those.
        cast(round(cast(rows.amount as decimal(38, 4)) * coalesce(rates.rate, 0), 4) as decimal(38, 6)) as amount_reporting
    from core.order_rows as rows
    left join core.exchange_rates as rates
        on rates.currency = rows.currency and rates.day = cast(coalesce(rows.placed_at, rows.ordered_at) as date)
),

orders as (
    select
        orders.*,
        gross - discount + case when revenue_includes_tax then tax else 0 end
            + case when revenue_includes_shipping then shipping else 0 end as before_refunds
    from core.orders as orders
    cross join settings
    where is_conversion
),

facts as (
    select 'source' as section, source_system, '' as model, currency, ordered_at, 'delivered' as step,
        1 as orders, amount_reporting as amount, amount as amount_source
    from rows
    union all
    select 'source', source_system, '', currency, ordered_at, fate, -1,
        case when fate = 'part_of_an_order' then 0 else -amount_reporting end,
        case when fate = 'part_of_an_order' then 0 else -amount end
    from rows
    where fate <> 'booked'
    union all
    select 'source', source_system, '', source_currency, ordered_at, 'booked', 1, before_refunds, source_amount from orders
    union all
    select 'credit', '', models.model, reporting_currency, ordered_at, 'net', 1, revenue, null
    from orders cross join settings cross join (select distinct model from marts.attribution) as models
    union all
    select 'credit', '', models.model, reporting_currency, ordered_at, reason, -1, -revenue, null
    from core.untracked_orders cross join settings cross join (select distinct model from marts.attribution) as models
),

dated as (
    select
        section, source_system, model, coalesce(currency, '') as currency,
        coalesce(cast(date_trunc('month', timezone(settings.reporting_zone, timezone('UTC', ordered_at))) as date), date '0001-01-01') as month,
        step, orders, cast(amount as decimal(38, 6)) as amount, amount_source
    from facts
    cross join settings
    union all
    select section, source_system, '', reporting_currency, month, step, count_orders, amount, null
    from core.book_entries cross join settings
    union all
    select 'credit', '', model, reporting_currency, month, 'credited', conversions, credited_revenue, null
    from marts.attribution cross join settings
    where level = 'channel' and channel <> 'No tracked touchpoint'
),

summed as (
    select
        section, source_system, model, currency, month, step,
        round(sum(orders), 6) as count_orders,
        cast(sum(amount) as decimal(38, 6)) as amount,
        cast(sum(amount_source) as decimal(38, 4)) as amount_source
    from dated
    group by all
),

places as (
    select unnest(names) as step, unnest(range(len(names))) + 1 as step_index
    from (select ['delivered', 'rejected', 'duplicate', 'reported_again', 'kept_by_another_system', 'test', 'staff',
        'cancelled', 'open', 'lost', 'replacement', 'part_of_an_order', 'booked', 'known_to_several_systems', 'known_to_this_system_only', 'refunded',
        'gift_cards', 'net', 'refunds_reported', 'refunds_of_unknown_orders', 'refunds_another_system_tells', 'refunds_the_books_lack', 'refunds_of_no_purchase', 'refunds_counted', 'no_touchpoint', 'identity_not_linked',
        'outside_the_look_back', 'data_begins_too_late', 'credited'] as names)
)

select
    summed.section,                                        -- source: from a system's rows to the orders it gives the money of. book: to revenue, refunds on the order's date. book_by_refund_date: refunds on their own. refunds: from the refunds a system reports, goods alone, to those that lower revenue. credit: to what a model credits.
    summed.source_system,                                  -- System; of the book, the one whose money stands; empty for credit.
    summed.model,                                          -- Credit model; empty before credit.
    summed.currency,                                       -- Currency of amount_source in the section source, else of all amounts.
    summed.month,                                          -- Month of the order in the reporting zone (0001-01 when no date could be read); of refunds as the section says.
    places.step_index,                                     -- Place of the step.
    summed.step,                                           -- What is added or taken away, or the total.
    summed.step in ('booked', 'refunds_counted', 'credited') or (summed.step = 'net' and summed.section = 'book') as is_total,    -- It is what the steps before it must add up to, counted in another table.
    summed.count_orders,                                   -- Order rows or orders; negative when they are taken away.
    summed.amount,                                         -- Money in the reporting currency; negative when it is taken away.
    summed.amount_source                                   -- In the section source: money in the currency it wrote.
from summed
join places using (step)
