-- Every touch is a step of exactly one journey.
select touches.count_touches, steps.count_steps
from (select count(*) as count_touches from core.touches) as touches
cross join (select count(*) as count_steps from core.journey_steps) as steps
where touches.count_touches <> steps.count_steps
