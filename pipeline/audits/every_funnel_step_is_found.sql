-- Every step of a funnel fits something in the data; the funnels page names the nearest that there is.
-- level: warn
select steps.funnel_index, steps.step, takes, nearest_name
from core.funnel_steps as steps
where is_counted and count_events = 0 and exists (select 1 from core.touchpoints)
