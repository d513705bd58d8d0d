-- Orders that two systems have under one number were placed within thirty days; else one of them may have begun to count anew.
-- level: warn
select order_id, source_system, other_source_system, ordered_at, other_ordered_at
from core.order_pairs
where tier = 1 and minutes_apart > 30 * 24 * 60
