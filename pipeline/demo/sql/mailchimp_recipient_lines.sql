-- One row per recipient of an issue to whom something happened: its line of the aggregate activity.
select concat_ws(',', cell(email), cell(first_name), cell(last_name), $more) as line
from messages
join readers using (person)
where campaign = $campaign and $happened
order by person
