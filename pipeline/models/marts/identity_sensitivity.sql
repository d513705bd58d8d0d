-- One row per reading of who is who and channel: what the default model credits it with. Where the readings agree, no merge decides.
-- grain: linking, channel
with

settings as (select * from config.settings),

placed as (
    select
        ranked.*,
        max(credit_index) filter (where channel <> 'Direct') over whole as named_place,
        max(credit_index) filter (where list_contains(settings.paid_channels, channel)) over whole as paid_place
    from core.credited_readings as ranked
    cross join settings
    window whole as (partition by linking, order_id)
),

weighed as (
    -- The weights of marts.attribution_touches, of the one model.
    select
        placed.*,
        case settings.default_model
            when 'first' then case when credit_index = 1 then 1.0 else 0.0 end
            when 'last' then case when credit_index = credit_count then 1.0 else 0.0 end
            when 'last_non_direct' then case when credit_index = coalesce(named_place, credit_count) then 1.0 else 0.0 end
            when 'last_paid' then case when credit_index = coalesce(paid_place, named_place, credit_count) then 1.0 else 0.0 end
            when 'time_decay' then decay
            when 'position' then placed_weight(
                credit_index, credit_count, position_first, 1 - position_first - position_last, position_last)
            when 'j_shaped' then case when credit_count = 2 then placed_weight(credit_index, 2, 1 - j_last_of_two, 0.0, j_last_of_two)
                else placed_weight(credit_index, credit_count, 0.2, 0.2, 0.6) end
            when 'inverse_j' then case when credit_count = 2 then placed_weight(credit_index, 2, j_last_of_two, 0.0, 1 - j_last_of_two)
                else placed_weight(credit_index, credit_count, 0.6, 0.2, 0.2) end
            when 'custom' then placed_weight(credit_index, credit_count, custom_first, custom_middle, custom_last)
            when 'shapley_simple' then 1.0 / count_same_channel
            when 'markov_order' then (coalesce(effects.removal_effect, 0.0) + 1e-12) / count_same_code
            when 'shapley_order' then (greatest(coalesce(effects.shapley_value, 0.0), 0.0) + 1e-12) / count_same_code
            else 1.0
        end as weight
    from placed
    left join core.channel_effects as effects using (model_code)
    cross join settings
),

shares as (
    select *, share_upto(sum(weight) over upto, sum(weight) over whole, credit_index, credit_count) as upto_share
    from weighed
    window upto as (partition by linking, order_id order by credit_index rows between unbounded preceding and current row),
        whole as (partition by linking, order_id)
),

everything as (
    select
        linking, channel, order_id,
        share_between(lag(upto_share, 1, 0.0) over in_order, upto_share) as conversions,
        money_between(revenue, lag(upto_share, 1, 0.0) over in_order, upto_share) as revenue
    from shares
    window in_order as (partition by linking, order_id order by credit_index)
    union all
    select linkings.linking, 'No tracked touchpoint', orders.order_id, 1.0, cast(orders.revenue as decimal(18, 6))
    from core.orders as orders
    cross join (select unnest(['strict', 'default', 'loose']) as linking) as linkings
    where orders.is_conversion and not exists (
        select 1 from core.credited_readings as ranked
        where ranked.linking = linkings.linking and ranked.order_id = orders.order_id)
)

select
    everything.linking,                                    -- strict, default or loose: which links are followed; see identity.readings.
    everything.channel,                                    -- Channel; "No tracked touchpoint" for orders that nothing led to.
    cast(sum(everything.conversions) as double) as conversions,            -- Orders credited by the default model, in shares.
    cast(sum(everything.revenue) as decimal(18, 6)) as credited_revenue    -- Revenue credited, in the reporting currency, net of refunds.
from everything
group by everything.linking, everything.channel
