-- One row per platform and order that it claims.
select
    platform, c.number as campaign_id, c.name as campaign, $start + a.day::integer as claimed_on, is_view,
    order_id_of(o.place, o.transaction_id, o.order_place) as order_id, o.person + 1 as person_id,
    (a.cents / 100)::decimal(18, 2) as value
from ad_claims as a
join ad_campaigns as c using (campaign)
join retail_orders as o using (order_place)
order by platform, claimed_on, order_id
