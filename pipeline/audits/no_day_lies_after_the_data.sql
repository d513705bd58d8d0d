-- No day of the totals lies after the time the data is looked at from.
select totals.day
from marts.daily_totals as totals
cross join config.settings as settings
where totals.day > cast(timezone(settings.reporting_zone, timezone('UTC', settings.as_of)) as date)
