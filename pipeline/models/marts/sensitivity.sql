-- One row per variant of the settings and channel: what the default model credits it with.
-- grain: lookback, direct, linking, session_rule, channel
with

settings as (
    select *, case when session_preset = 'ga4' then 'matomo' else 'ga4' end as other_preset from config.settings
),

variants as (
    select lookback, direct, linking, is_in_force, reading,
        case when is_in_force then settings.session_preset else settings.other_preset end as session_rule,
        is_in_force and lookback = 'as set' and linking = 'default'
            and direct = case when settings.exclude_direct then 'without' else 'with' end as is_as_set
    from (select unnest(['as set', '7 days', '30 days', '90 days']) as lookback)
    cross join (select unnest(['with', 'without']) as direct)
    cross join (
        select unnest(['strict', 'default', 'loose', 'strict', 'default', 'loose']) as linking,
            unnest([true, true, true, false, false, false]) as is_in_force, unnest(range(6)) as reading)
    cross join settings
),

booked as (select count(*) as orders, sum(revenue) as revenue from core.orders where is_conversion having count(*) > 0),

earned as (
    select
        variants.lookback, variants.direct, variants.linking, variants.session_rule, variants.is_as_set,
        credit.channel, sum(credit.conversions) as conversions, sum(credit.revenue) as revenue
    from variants
    join core.variant_credit as credit
        on credit.lookback = variants.lookback and credit.direct = variants.direct
        and (credit.readings >> variants.reading) % 2 = 1
    group by all
),

untracked as (
    select
        variants.lookback, variants.direct, variants.linking, variants.session_rule, variants.is_as_set,
        'No tracked touchpoint' as channel,
        any_value(booked.orders) - coalesce(sum(earned.conversions), 0) as conversions,
        any_value(booked.revenue) - coalesce(sum(earned.revenue), 0) as revenue
    from variants
    cross join booked
    left join earned using (lookback, direct, linking, session_rule)
    group by variants.lookback, variants.direct, variants.linking, variants.session_rule, variants.is_as_set
),

together as (
    select *, sum(conversions) over whole as tracked, rank() over (whole order by revenue desc, channel) as place
    from earned
    window whole as (partition by lookback, direct, linking, session_rule)
    union all
    select *, null, null from untracked where conversions > 0
)

select
    lookback,                                              -- as set, or 7, 30 or 90 days before an order within which a touch counts.
    direct,                                                -- with: Direct earns like any other; without: only where nothing else was.
    linking,                                               -- strict, default or loose: which links between people are followed; see identity.readings.
    session_rule,                                          -- Whose rules end a visit: ga4, matomo, or custom.
    channel,                                               -- Channel; "No tracked touchpoint" for orders that nothing led to.
    is_as_set,                                             -- The variant that the settings ask for, and all pages show.
    cast(conversions as double) as conversions,            -- Orders credited by the default model, in shares.
    cast(revenue as decimal(18, 6)) as credited_revenue,   -- Revenue credited, in the reporting currency, net of refunds.
    cast(conversions / nullif(tracked, 0) as double) as conversions_share,    -- Share of the orders that channels are credited with; null for "No tracked touchpoint".
    cast(place as integer) as place                        -- 1 earns most revenue in this variant; null for "No tracked touchpoint".
from together
