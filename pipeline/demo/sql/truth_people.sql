-- One row per person who ever touches the business.
select
    p.person + 1 as person_id,
    p.kind,
    coalesce(i.is_identified, false) as is_identified,
    coalesce(i.is_recorded, false) or o.person is not null as is_recorded,
    p.is_blocker as blocks_analytics,
    p.is_denied as refused_consent
from people as p
left join (
    select person, bool_or(kind <> 'client_id' and is_naming) as is_identified, true as is_recorded
    from identifier_rows group by person
) as i using (person)
left join (select distinct person from retail_orders) as o using (person)
order by person_id
