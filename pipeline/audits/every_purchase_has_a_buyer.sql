-- Every purchase has a buyer, known or not.
select order_id from core.orders where is_conversion and customer_id is null
