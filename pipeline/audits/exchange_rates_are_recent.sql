-- No amount is converted at an exchange rate that is more than 31 days older than it.
-- level: warn
select currency, day, rate_on
from core.exchange_rates
where day > rate_on + 31
