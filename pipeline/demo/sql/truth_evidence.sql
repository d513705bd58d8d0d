-- One row per two identifiers of a person that some line of the exports carries together.
with

nodes as (
    select person, kind, plain_value, system, dense_rank() over (order by person, kind, case kind when 'person_key' then system end, plain_value) as node
    from identifier_rows
    where not is_shared
),

browser_logins as (
    select distinct person, client_number || '.' || first_seen_at as client_id from trails where has_ids and login > 0
),

bought as (
    -- What the purchase event and the receipt of one order name together.
    select o.person, c.customer_id, t.client_number || '.' || t.first_seen_at as client_id, t.login
    from retail_orders as o
    join order_profiles as c using (order_place)
    join trails as t on t.visit = o.visit
    where o.reports > 0 and t.has_ids
),

pairs as (
    select person, 'client_id' as kind, client_id as value, 'user_id' as other_kind, user_id_of(person) as other_value, '' as system, '' as other_system
    from browser_logins
    union all
    select person, 'client_id', client_id, 'person_key', customer_id, '', 'square' from bought
    union all
    select person, 'user_id', user_id_of(person), 'person_key', customer_id, '', 'square' from bought where login > 0
    union all
    select person, 'person_key', customer_id, 'email', lower(trim(email)), 'square', '' from profiles where email is not null
    union all
    select p.person, 'person_key', p.customer_id, 'phone', plain_phone(q.phone_area, q.phone_line), 'square', ''
    from profiles as p join people as q using (person) where p.phone is not null
    union all
    select person, 'person_key', customer_id, 'loyalty_id', loyalty_id, 'square', '' from profiles where loyalty_id is not null
    union all
    select person, 'person_key', record_id, 'email', lower(trim(email)), 'hubspot', '' from contacts where email is not null
    union all
    select person, 'person_key', record_id, 'email', lower(other_email), 'hubspot', '' from contacts where has_merged
    union all
    select person, 'person_key', record_id, 'person_key', merged_id, 'hubspot', 'hubspot' from contacts where has_merged
    union all
    select person, 'person_key', record_id, 'phone', plain_phone(phone_area, phone_line), 'hubspot', '' from contacts where has_phone
    union all
    select person, 'person_key', leid, 'email', lower(trim(email)), 'mailchimp', '' from readers
    union all
    select r.person, 'person_key', r.leid, 'phone', plain_phone(q.phone_area, q.phone_line), 'mailchimp', ''
    from readers as r join people as q using (person) where r.phone is not null
)

select distinct a.node, b.node as other_node
from pairs
join nodes as a on a.person = pairs.person and a.kind = pairs.kind and a.plain_value = pairs.value and (pairs.kind <> 'person_key' or a.system = pairs.system)
join nodes as b on b.person = pairs.person and b.kind = pairs.other_kind and b.plain_value = pairs.other_value
    and (pairs.other_kind <> 'person_key' or b.system = pairs.other_system)
