-- The journeys of all paths are the journeys that have a touch.
select paths.count_in_paths, journeys.count_journeys
from (select coalesce(sum(count_journeys), 0) as count_in_paths from marts.journey_paths) as paths
cross join (select count(*) as count_journeys from core.journeys where count_touches > 0) as journeys
where paths.count_in_paths <> journeys.count_journeys
