-- No amount is converted at an exchange rate that is more than 31 days older than it.
-- level: warn
-- to do: Add the newer rates to the file named under money.rates_file in journeys.yaml.
select
    currency, day, rate_on,
    concat(currency, ' of ', day, ' is converted at the rate of ', rate_on, ', ', day - rate_on, ' days older') as finding
from core.exchange_rates
where day > rate_on + 31
