-- No two exports give most orders that both know a time some whole hours apart; the zone set for one of them is then wrong.
-- level: warn
-- to do: Set the zone of the one that is wrong under sources in journeys.yaml.
with

pairs as (
    select
        concat_ws(' ', one.source_system, one.source_export) as one_export,
        concat_ws(' ', other.source_system, other.source_export) as two_export,
        one.file_zone as one_zone,
        other.file_zone as two_zone,
        agreement.minutes_apart,
        agreement.time_relation = 'half_hours' as is_exact,
        agreement.count_orders
    from marts.order_agreement as agreement
    join private.loaded_files as one on one.file_id = agreement.file_id
    join private.loaded_files as other on other.file_id = agreement.other_file_id
    where agreement.time_relation <> 'not_told'
),

shifts as (
    -- One direction for each pair of exports, whichever way its files stand.
    select
        least(one_export, two_export) as export,
        greatest(one_export, two_export) as other_export,
        min(case when one_export < two_export then one_zone else two_zone end) as zone,
        min(case when one_export < two_export then two_zone else one_zone end) as other_zone,
        case when is_exact then case when one_export < two_export then minutes_apart else -minutes_apart end end as minutes_later,
        sum(count_orders) as count_orders
    from pairs
    where one_export <> two_export
    group by all
),

counted as (
    -- A zone without daylight saving is right for half a year, or wrong by an hour more.
    select
        *,
        sum(count_orders) over (partition by export, other_export) as count_shared,
        sum(count_orders) over (
            partition by export, other_export, minutes_later is null order by minutes_later
            range between 60 preceding and current row) as count_shifted
    from shifts
)

select
    other_export, export, other_zone, zone, minutes_later / 60 as hours_later,
    round(count_shifted / count_shared, 2) as share_of_orders, count_shared,
    concat(other_export, case when other_zone is not null then concat(' (', other_zone, ')') end, ' puts ',
        format('{:.0f} %', 100 * share_of_orders), ' of ', format('{:,}', count_shared), ' orders ', format('{:g}', abs(hours_later)),
        case when abs(hours_later) = 1 then ' hour' else ' hours' end, case when hours_later > 0 then ' later' else ' earlier' end,
        ' than ', export, case when zone is not null then concat(' (', zone, ')') end) as finding
from counted
where minutes_later <> 0 and count_shared >= 10 and count_orders >= 0.3 * count_shared and count_shifted >= 0.8 * count_shared
