-- One row per company: its line of the companies export.
select concat_ws(',',
    quoted_cell((9000000001 + c.company)::varchar),
    quoted_cell(c.company_name),
    quoted_cell(lower(replace(c.company_name, ' ', '-')) || '.example.com'),
    quoted_cell('Marta Okonjo'),
    quoted_cell(to_minute(local_time(min(p.created_at)))),
    quoted_cell(string_agg(p.record_id, ';' order by p.person))) as line
from companies as c
join contacts as p using (company)
group by c.company, c.company_name
order by c.company desc
