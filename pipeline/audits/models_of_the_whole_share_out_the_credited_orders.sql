-- Markov and Shapley over all orders share out exactly the orders and the revenue that touches are credited with.
with

credited as (
    select count(*) filter (where credit_index = 1) as orders, coalesce(sum(revenue_linear), 0) as revenue
    from marts.attribution_touches
    where touch_id is not null
)

select effects.model, sum(effects.conversions) as conversions, sum(effects.credited_revenue) as credited_revenue, credited.*
from marts.attribution_effects as effects
cross join credited
where effects.model in ('markov_global', 'shapley_rate')
group by effects.model, credited.orders, credited.revenue
having sum(abs(effects.effect)) > 0 and (
    abs(sum(effects.conversions) - credited.orders) > 1e-6 * greatest(credited.orders, 1)
    or abs(sum(effects.credited_revenue) - credited.revenue) > 0.001 + 1e-9 * abs(credited.revenue)
)
