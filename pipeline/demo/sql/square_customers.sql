-- One row per record: its line of the customer directory.
with

visits as (
    select
        customer_id, min(sold_on) as first_visit, max(sold_on) as last_visit,
        count(*) filter (where event_type = 'Payment') as count_sales, sum(total) as spent
    from sales
    where customer_id is not null and not is_test
    group by customer_id
)

select concat_ws(',',
    coalesce(loyalty_id, ''), cell(first_name), cell(last_name), cell(email), cell(phone),
    '', '', '', '', '', '', '', '', '', customer_id,
    case when is_instant then 'Instant Profile' when loyalty_id is not null then 'Loyalty'
         when kind = 'member' then 'Directory' else 'eCommerce Integrations' end,
    coalesce(strftime(first_visit, '%Y-%m-%d'), ''), coalesce(strftime(last_visit, '%Y-%m-%d'), ''),
    coalesce(count_sales, 0), cell(till_money(coalesce(spent, 0)::bigint)), 'unknown', case when is_instant then 'Yes' else '' end, '') as line
from profiles
left join visits using (customer_id)
order by profile
