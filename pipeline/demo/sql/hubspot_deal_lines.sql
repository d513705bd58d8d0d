-- One row per deal: its line of the deals export.
select concat_ws(',',
    quoted_cell(record_id),
    quoted_cell(deal_name),
    quoted_cell(pipeline),
    quoted_cell(case outcome when 1 then 'Closed won' when 2 then 'Closed lost' else stages[greatest(1, count_entered)] end),
    quoted_cell((cents // 100)::varchar),
    quoted_cell(case when outcome > 0 then to_minute(local_time(closed_at)) else strftime(local_time(created_at + 2592000), '%Y-%m-%d 00:00') end),
    quoted_cell(to_minute(local_time(created_at))),
    quoted_cell(owner), quoted_cell('newbusiness'),
    quoted_cell(case when outcome = 2 then ['Price', 'No answer', 'Chose another supplier'][1 + deal % 3] end),
    quoted_cell(case when by_web then 'Direct traffic' else 'Offline sources' end),
    quoted_cell(contact_name), quoted_cell(contact_id), quoted_cell(company_id),
    $stage_cells) as line
from deals
order by created_at desc, deal
