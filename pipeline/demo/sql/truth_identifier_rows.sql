-- One row per person, system, kind of identifier and value as exported.
with

browsers as (
    select person, client_number || '.' || first_seen_at as client_id, bool_or(login > 0) as has_logged_in
    from trails
    where has_ids
    group by all
),

found as (
    select person, 'ga4' as system, 'client_id' as kind, client_id as value, client_id as plain_value, false as is_naming from browsers
    union all
    select distinct person, 'ga4', 'user_id', user_id_of(person), user_id_of(person), true from browsers where has_logged_in
    union all
    select person, 'square', 'person_key', customer_id, customer_id, not is_instant from profiles
    union all
    select person, 'square', 'email', email, lower(trim(email)), true from profiles where email is not null
    union all
    select p.person, 'square', 'phone', p.phone, plain_phone(q.phone_area, q.phone_line), true
    from profiles as p join people as q using (person) where p.phone is not null
    union all
    select person, 'square', 'loyalty_id', loyalty_id, loyalty_id, true from profiles where loyalty_id is not null
    union all
    select person, 'hubspot', 'person_key', record_id, record_id, true from contacts
    union all
    select person, 'hubspot', 'person_key', merged_id, merged_id, true from contacts where has_merged
    union all
    select person, 'hubspot', 'email', email, lower(trim(email)), true from contacts where email is not null
    union all
    select person, 'hubspot', 'email', other_email, lower(other_email), true from contacts where has_merged
    union all
    select person, 'hubspot', 'phone', unnest(case when is_known_halfway then [phone, earlier_phone] else [phone] end), plain_phone(phone_area, phone_line), true from contacts where has_phone
    union all
    select person, 'mailchimp', 'person_key', leid, leid, true from readers
    union all
    select person, 'mailchimp', 'email', email, lower(trim(email)), true from readers
    union all
    select r.person, 'mailchimp', 'phone', r.phone, plain_phone(q.phone_area, q.phone_line), true
    from readers as r join people as q using (person) where r.phone is not null
),

once as (select distinct * from found),

holders as (
    select kind, plain_value, count(distinct person) as count_holders
    from once
    where kind <> 'person_key'
    group by kind, plain_value
)

select once.*, coalesce(holders.count_holders, 1) > 1 as is_shared
from once
left join holders using (kind, plain_value)
