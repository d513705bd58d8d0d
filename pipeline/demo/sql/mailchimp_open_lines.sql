-- One row per opening of an issue: its line of the granular activity.
select concat_ws(',',
    '"' || to_second(utc(opened_at)) || '"',
    case when is_machine then '17.0.0.' else '192.0.2.' end || (1 + person % 250),
    cell(email)) as line
from opens
where campaign = $campaign
order by opened_at, person
