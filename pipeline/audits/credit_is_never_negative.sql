-- No row earns less than nothing, unless the orders themselves were worth less than nothing.
select model, level, month, channel, source, medium, campaign, conversions, credited_revenue
from marts.attribution
where conversions < -1e-9
    or (credited_revenue < -0.000001 and not exists (select 1 from core.orders where revenue < 0))
