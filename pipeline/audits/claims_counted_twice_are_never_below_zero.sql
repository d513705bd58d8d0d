-- What must be claimed twice is never below zero, never more than is claimed beyond what was booked, and not said of a part of a month.
-- level: block
select period, platform, is_comparable, compared_claims, booked_orders, double_claims_least, double_value_least
from marts.claims
where double_claims_least < 0 or double_value_least < 0
    or (double_claims_least > 0 and double_claims_least > compared_claims - booked_orders + 1e-6)
    or (double_value_least > 0 and double_value_least > compared_value - charged + 0.005)
    or (period <> 'all' and not is_comparable and (double_claims_least is not null or double_value_least is not null))
