-- Spend and claims by day, channel and campaign, with and without credit, add up to the rows of the exports.
-- level: block
with

-- Of several splits of the same money one counts: undivided rows, else the first.
splits as (
    select
        source_system, platform, account_ref, starts_on, breakdown,
        sum(cost) as cost, coalesce(sum(claimed_conversions), 0) as conversions, coalesce(sum(claimed_value), 0) as value
    from core.spend
    group by all
),

exported as (
    select coalesce(sum(cost), 0) as cost, coalesce(sum(conversions), 0) as conversions, coalesce(sum(value), 0) as value
    from (
        select arg_min(cost, (breakdown is distinct from 'none', breakdown)) as cost,
            arg_min(conversions, (breakdown is distinct from 'none', breakdown)) as conversions,
            arg_min(value, (breakdown is distinct from 'none', breakdown)) as value
        from splits
        group by source_system, platform, account_ref, starts_on
    )
),

shown as (
    select concat_ws(' ', 'returns', date_basis, level, model) as part, sum(spend) as cost, null as conversions, null as value
    from marts.returns
    where period = 'all'
    group by all
    union all
    select 'returns by month', sum(spend), null, null
    from marts.returns
    where period <> 'all' and level = 'all' and date_basis = 'order_date'
    union all
    select 'claims', sum(spend), coalesce(sum(claimed_conversions), 0), coalesce(sum(claimed_value), 0)
    from marts.claims
    where period = 'all' and platform <> '(all platforms)'
    union all
    select 'claims of all', sum(spend), coalesce(sum(claimed_conversions), 0), coalesce(sum(claimed_value), 0)
    from marts.claims
    where period = 'all' and platform = '(all platforms)'
)

select shown.part, exported.cost as exported, shown.cost as shown, exported.conversions, shown.conversions as shown_conversions
from shown
cross join exported
where abs(coalesce(shown.cost, 0) - exported.cost) >= 0.005
    or abs(shown.conversions - exported.conversions) >= 1e-6 * greatest(exported.conversions, 1)
    or abs(shown.value - exported.value) >= 0.005
