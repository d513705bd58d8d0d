-- Every accepted event is exactly one touchpoint.
select accepted.count_events, kept.count_touchpoints
from (select count(*) as count_events from validated.events) as accepted
cross join (select count(*) as count_touchpoints from core.touchpoints) as kept
where accepted.count_events <> kept.count_touchpoints
