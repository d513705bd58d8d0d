-- One row per contact of the CRM, as it is known in the end.
select
    g.*,
    p.first_name,
    p.last_name,
    (100000000000 + g.person + 1)::varchar as record_id,
    case when g.has_merged then (100900000000 + g.person + 1)::varchar end as merged_id,
    case when p.style % 25 > 0 then mail_text(p.email, case when p.style % 9 = 0 then 1 else 0 end) end as email,
    case when g.has_merged then split_part(p.email, '@', 1) || '.office@' || p.domain end as other_email,
    case when p.has_phone then phone_text(p.phone_area, p.phone_line, p.style % 6) end as phone,
    case when p.has_phone then phone_text(p.phone_area, p.phone_line, (p.style + 2) % 6) end as earlier_phone,
    p.phone_area,
    p.phone_line,
    p.has_phone,
    c.company_name,
    case when g.company >= 0 then (9000000001 + g.company)::varchar end as company_id,
    p.style
from given_contacts as g
join people as p using (person)
left join companies as c on c.company = g.company
