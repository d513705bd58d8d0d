-- Every step of a funnel fits something in the data; a funnel with one that does not is refused, and all else is published.
-- level: refuse
-- to do: Write what the data has. If nobody has done it yet, or no export tells it, set optional: true at the step, or leave it out.
select
    'funnels.' || (steps.funnel_index - 1) || '.steps.' || (steps.step_index - 1) as place,
    'funnel ' || funnels.funnel || ', step ' || steps.step || ': nothing in the data fits ' || takes
    || coalesce('; the nearest there is: ' || nearest_name, '') as finding
from core.funnel_steps as steps
join config.funnels as funnels on funnels.funnel_index = steps.funnel_index
where is_missing
