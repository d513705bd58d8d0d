-- One row per customer with a journey: the group of people that is drawn as one when intervals are worked out.
-- grain: customer_id
select
    customer_id,                                           -- Customer.
    cast((row_number() over (order by hash(customer_id), customer_id) - 1) % 256 as smallint) as person_group    -- Group 0 to 255; all are of one size, and who is in which is chance.
from (select distinct customer_id from core.journeys)
