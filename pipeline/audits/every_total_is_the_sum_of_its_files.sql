-- Every monthly total of orders and money is the sum of what the files contribute to it.
-- level: block
with

totals as (
    select month, 'revenue' as metric, revenue as value from marts.monthly_totals
    union all
    select month, 'refunded', refunded from marts.monthly_totals
    union all
    select month, 'orders', orders from marts.monthly_totals
    union all
    select month, 'new_customers', new_customers from marts.monthly_totals
    union all
    select month, 'orders_untracked', orders_untracked from marts.monthly_totals
    union all
    select month, 'orders_left_out', orders_left_out from marts.monthly_totals
),

parts as (
    select month, metric, sum(value) as value from core.file_contributions where metric <> 'touchpoints' group by all
)

select month, metric, totals.value as total, parts.value as sum_of_files
from totals
full join parts using (month, metric)
where coalesce(totals.value, 0) <> coalesce(parts.value, 0)
