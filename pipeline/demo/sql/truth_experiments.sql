-- One row per person of the hold-out: which half, and how often they decide to buy with the channel and without it.
select
    experiment, $channel as channel, person + 1 as person_id, variant, utc(assigned_at) as assigned_at,
    orders as orders_with, orders_without
from halves
order by person
