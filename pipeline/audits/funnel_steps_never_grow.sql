-- In a funnel that all enter at its first step, no step has more people than the one before, whatever it is broken down by.
select steps.funnel_index, breakdown, breakdown_value, level, count_entries, count_complete
from marts.funnel_steps as steps
join config.funnels as funnels on funnels.funnel_index = steps.funnel_index and (funnels.entry = 'closed' or mode = 'any')
window in_order as (partition by steps.funnel_index, breakdown, value_of, breakdown_value order by level)
qualify count_entries > lag(count_entries) over in_order or count_complete > lag(count_complete) over in_order
