-- By the order's date and by the refund's, every model's credit of every month, by channel and by campaign, is what was booked, to the cent.
-- level: block
with

moves as (
    select 'order_date' as date_basis, ordered_on as day, amount from core.order_money
    union all
    select 'refund_date', day, amount from core.order_money
),

booked as (
    select date_basis, coalesce(strftime(day, '%Y-%m'), 'all') as period, sum(amount) as amount
    from moves
    group by grouping sets ((date_basis, strftime(day, '%Y-%m')), (date_basis))
),

levels as (select distinct level, model from marts.dated_credit),

credited as (
    select date_basis, level, period, model, sum(credited_revenue) as amount from marts.dated_credit group by all
)

select booked.date_basis, booked.period, levels.level, levels.model, booked.amount as booked, credited.amount as credited
from booked
join levels on levels.level <> 'campaign' or booked.period = 'all'
left join credited
    on credited.date_basis = booked.date_basis and credited.period = booked.period
    and credited.level = levels.level and credited.model = levels.model
where abs(booked.amount - coalesce(credited.amount, 0)) >= 0.005
union all
select credited.date_basis, credited.period, credited.level, credited.model, null, credited.amount
from credited
left join booked on booked.date_basis = credited.date_basis and booked.period = credited.period
where booked.period is null
