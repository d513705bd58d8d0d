-- The steps of a journey are numbered from 1 without gaps.
select journey_id, count(*) as count_steps, min(step_index) as first_index, max(step_index) as last_index
from core.journey_steps
group by journey_id
having min(step_index) <> 1 or max(step_index) <> count(*)
