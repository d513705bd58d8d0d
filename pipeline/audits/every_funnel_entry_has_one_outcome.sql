-- Every counted entry of a funnel is converted, lost or open, and none whose time is not over is lost unless it was cut.
select funnel_index, entity_id, start_place, outcome, ended_at
from core.funnel_entries
cross join config.settings
where outcome not in ('converted', 'lost', 'open')
    or (outcome = 'open' and ended_at < as_of)
    or (outcome = 'lost' and cut_at is null and ended_at >= as_of)
union all
select funnel_index, null, null, 'sum', null
from marts.funnels
where count_entries <> count_converted + count_lost + count_open
