-- One line per person of the list that was split.
select concat_ws(',', cell(experiment), cell(email), cell(variant), to_second(local_time(assigned_at))) as line
from halves
order by person
