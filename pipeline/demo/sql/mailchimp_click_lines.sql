-- One row per click in an issue: its line of the granular activity.
select concat_ws(',',
    '"' || to_second(utc(clicked_at)) || '"',
    case when is_machine then '198.51.100.' else '192.0.2.' end || (1 + person % 250),
    cell(email),
    cell(url)) as line
from clicks
where campaign = $campaign
order by clicked_at, person, url
