-- Carts that were left are those bought later, those not, and those whose time still runs, in number and in value.
select breakdown, breakdown_value, window_days, count_carts, value, value_open, value_not
from marts.cart_recovery
where count_carts <> count_same + count_different + count_online + count_store + count_other + count_not + count_open
    or value_open + value_not > value
    or least(value_open, value_not) < 0
