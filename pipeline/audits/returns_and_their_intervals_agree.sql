-- What has spend and orders enough has an interval, which is drawn from the same credit; what has not has none.
with

expected as (
    select returns.*
    from marts.returns as returns
    cross join config.settings as settings
    where returns.level <> 'all' and returns.compared_spend > 0 and returns.count_orders >= settings.guard_n
)

select date_basis, level, period, model, channel, campaign, expected.compared_revenue as revenue, drawn_revenue
from expected
full join marts.return_intervals as drawn using (date_basis, level, period, model, channel, campaign)
where expected.compared_revenue is null or drawn_revenue is null
    or abs(expected.compared_revenue - drawn_revenue) >= 0.005 + 1e-9 * abs(expected.compared_revenue)
