-- Orders that two systems have under one number were placed within thirty days; else one of them may have begun to count anew.
-- level: warn
-- to do: If it does count anew, set orders.match_by_number: false in journeys.yaml.
select
    order_id, source_system, other_source_system, ordered_at, other_ordered_at,
    concat('order ', order_ref, ': in ', source_system, ' of ', cast(ordered_at as date), ', in ', other_source_system,
        ' of ', cast(other_ordered_at as date)) as finding
from core.order_pairs
where tier = 1 and minutes_apart > 30 * 24 * 60
