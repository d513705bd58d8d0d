-- One row per call: its line of the calls export.
select concat_ws(',',
    quoted_cell((30000000001 + call)::varchar),
    quoted_cell(to_minute(local_time(called_at))),
    quoted_cell('Call with ' || contact_name),
    quoted_cell(calls.outcome),
    quoted_cell(direction),
    quoted_cell(case when seconds > 0 then (seconds * 1000)::varchar end),
    quoted_cell(owner),
    quoted_cell(contact_id),
    quoted_cell(record_id)) as line
from calls
join deals using (deal)
order by called_at desc, call
