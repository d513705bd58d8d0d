-- Those who stopped are those who bought later, those who did not, and those whose time still runs; each stop once.
with told as (
    select
        basis, breakdown, breakdown_value, reached, window_days, count_dropped,
        count_online + count_store + count_other + count_not + count_open as count_told
    from marts.recovered_later
),

whole as (
    select basis, breakdown, window_days, sum(count_dropped) as count_dropped from told group by all
),

stops as (select basis, count(*) filter (where is_furthest) as count_stops from core.drop_offs group by basis)

select basis, breakdown, breakdown_value, reached, window_days, count_dropped, count_told as count_other_side
from told
where count_dropped <> count_told
union all
select basis, whole.breakdown, 'together', null, whole.window_days, whole.count_dropped, stops.count_stops
from whole
full join stops using (basis)
where whole.count_dropped is distinct from stops.count_stops and coalesce(stops.count_stops, 0) > 0
