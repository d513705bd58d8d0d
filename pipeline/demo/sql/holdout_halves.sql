-- One row per person whose address the till or the newsletter knew on the day of the split.
with

known as (
    select person, email, 1 as place
    from profiles
    where email is not null and not uses_shared_mailbox and created_at < $assigned_at
    union all
    select person, email, 2
    from readers
    where joined_at < $assigned_at and (left_at = 0 or left_at > $assigned_at) and (cleaned_at = 0 or cleaned_at > $assigned_at)
)

select
    person,
    arg_min(lower(trim(email)), (place, email)) as email,
    any_value(if(is_held_out, 'held out', 'banners')) as variant,
    any_value(orders) as orders,
    any_value(orders_without) as orders_without,
    'Banner hold-out' as experiment,
    $assigned_at::bigint as assigned_at
from known
join given_halves using (person)
group by person
