-- One row per month: what the business did, before anything is credited to a channel.
-- grain: month
select
    cast(date_trunc('month', day) as date) as month,       -- Month in the reporting zone.
    cast(sum(visits) as bigint) as visits,                 -- Visits that began in it.
    cast(sum(new_people) as bigint) as new_people,         -- People first seen in it.
    cast(sum(orders) as bigint) as orders,                 -- Orders that count as purchases.
    cast(sum(new_customers) as bigint) as new_customers,   -- Orders that were the buyer's first in the data.
    cast(sum(revenue) as decimal(18, 4)) as revenue,       -- Revenue of these orders, net of refunds, in the reporting currency.
    cast(sum(refunded) as decimal(18, 4)) as refunded,     -- Goods given back on them.
    cast(sum(orders_untracked) as bigint) as orders_untracked,    -- Orders that no tracked touchpoint led to.
    cast(sum(orders_left_out) as bigint) as orders_left_out,    -- Orders that are open, lost, cancelled or tests.
    last_day(month) >= (select provisional_from from config.settings) as is_provisional    -- May still change: a day of it has not ended, or a source may rewrite it.
from marts.daily_totals
group by all
