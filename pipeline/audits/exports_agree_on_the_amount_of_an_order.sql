-- No two exports give most orders that both know amounts a hundred or a thousand times apart; one of them is then in cents, or its decimal mark is read wrongly.
-- level: warn
-- to do: Set minor_units or decimal_mark under sources in journeys.yaml for the one that is wrong.
with

pairs as (
    select
        concat_ws(' ', one.source_system, one.source_export) as one_export,
        concat_ws(' ', other.source_system, other.source_export) as two_export,
        agreement.amount_power,
        agreement.count_orders
    from marts.order_agreement as agreement
    join private.loaded_files as one on one.file_id = agreement.file_id
    join private.loaded_files as other on other.file_id = agreement.other_file_id
),

turned as (
    -- One direction for each pair of exports, whichever way its files stand.
    select
        least(one_export, two_export) as export,
        greatest(one_export, two_export) as other_export,
        case when one_export < two_export then amount_power else -amount_power end as times_ten_larger,
        count_orders
    from pairs
    where one_export <> two_export
)

select
    export, other_export, times_ten_larger, sum(count_orders) as count_shared,
    concat(case when times_ten_larger > 0 then other_export else export end, ' gives ', format('{:,}', count_shared),
        ' orders ', cast(power(10, abs(times_ten_larger)) as bigint), ' times the amount that ',
        case when times_ten_larger > 0 then export else other_export end, ' gives') as finding
from turned
group by export, other_export, times_ten_larger
having abs(times_ten_larger) >= 2 and sum(count_orders) >= 10
