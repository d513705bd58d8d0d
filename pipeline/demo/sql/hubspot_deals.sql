-- One row per deal of the CRM.
select
    g.* exclude (pipeline, owner),
    (20000000001 + g.deal)::varchar as record_id,
    case when c.company_name is not null then c.company_name || ', ' else c.last_name || ', ' end
        || case g.pipeline when 'Catering' then 'tasting for guests' else 'tea for the counter' end as deal_name,
    g.pipeline,
    g.owner,
    list_filter(g.entered_at, lambda moment: moment > 0).len() as count_entered,
    c.first_name || ' ' || c.last_name as contact_name,
    c.record_id as contact_id,
    c.company_id,
    $stages as stages
from given_deals as g
join contacts as c on c.person = g.person
