-- A loss is never below nothing and lies in its interval; who runs at the reference loses nothing; the shares add up to 1;
-- nobody orders who did not go on; a channel is no thing to fix.
select basis, breakdown, breakdown_value, stage, step_rate, reference_rate, lost_revenue, lost_revenue_low, lost_revenue_high
from marts.lost_revenue
where least(lost_revenue, lost_revenue_low, lost_revenue_high) < 0
    or (step_rate >= reference_rate and lost_revenue > 0)
    or reference_rate >= 1
    or abs(recovered_share + addressable_share + not_recoverable_share - 1) > 1e-9
    or count_reached <> count_went_on + count_dropped
    or count_orders > count_went_on
    or (lost_revenue is null) <> (lost_revenue_low is null)
    or (breakdown = 'channel' and place is not null)
