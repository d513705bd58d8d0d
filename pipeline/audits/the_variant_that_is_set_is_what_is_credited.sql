-- The variant that is as set credits every channel with just what marts.attribution does, and all variants with the same total.
with

models as (select default_model from config.settings),

credited as (
    select channel, sum(credited_revenue) as revenue, sum(conversions) as conversions
    from marts.attribution
    join models on models.default_model = attribution.model
    where level = 'channel'
    group by channel
),

read as (select channel, credited_revenue as revenue, conversions from marts.sensitivity where is_as_set),

totals as (
    select concat_ws(', ', lookback, direct, linking, session_rule) as variant, sum(credited_revenue) as revenue
    from marts.sensitivity
    group by all
)

select 'as set' as variant, channel, coalesce(credited.revenue, 0) as expected, coalesce(read.revenue, 0) as found
from credited
full join read using (channel)
where coalesce(credited.revenue, 0) <> coalesce(read.revenue, 0)
    or abs(coalesce(credited.conversions, 0) - coalesce(read.conversions, 0)) > 1e-6
union all
select variant, 'all', (select sum(revenue) from core.orders where is_conversion), revenue
from totals
where revenue <> (select sum(revenue) from core.orders where is_conversion)
