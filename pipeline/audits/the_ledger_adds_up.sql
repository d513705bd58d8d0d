-- The steps of the ledger add up to their totals, which are counted elsewhere: in orders, and in money to the cent.
-- level: block
select
    section, source_system, model, currency, month,
    sum(case when is_total then -count_orders else count_orders end) as orders_off,
    sum(case when is_total then -amount else amount end) as amount_off,
    -- In the currency a source wrote, nothing is rounded.
    sum(case when is_total then -amount_source else amount_source end) as source_amount_off
from marts.reconciliation
cross join config.settings
where section <> 'book_by_refund_date'
group by all
having abs(orders_off) > 0.001
    -- Converted amounts and amounts below a cent are rounded order by order, by at most half a cent each.
    or abs(amount_off) > case
        when currency = any_value(reporting_currency) and section <> 'book' then 0.000001
        else 0.005 * sum(count_orders) filter (where is_total) + 0.000001
    end
    or bool_and(amount_source is not null) and source_amount_off <> 0
