-- One row per day, platform and campaign: money spent and what the platform claims; longer periods are spread evenly.
-- grain: day, source_system, platform, account_ref, channel, campaign, campaign_id
with

once as (
    -- Money that a platform splits by age and again by placement is one sum: undivided rows count, else the first split.
    select *
    from core.spend
    qualify dense_rank() over (
        partition by source_system, platform, account_ref, starts_on order by breakdown is distinct from 'none', breakdown) = 1
),

placed as (
    select
        once.*,
        cast(ends_on - starts_on + 1 as integer) as count_days,
        unnest(range(cast(ends_on - starts_on + 1 as bigint))) as place
    from once
)

select
    cast(starts_on + cast(place as integer) as date) as day,    -- Day, as the platform counts days.
    source_system,                                         -- System it was exported from.
    platform,                                              -- Advertising platform.
    account_ref,                                           -- Account at the platform; empty when the export names none.
    channel,                                               -- Channel that its clicks belong to.
    campaign,                                              -- Campaign; empty when the export names none.
    coalesce(campaign_id, '') as campaign_id,              -- The platform's id of the campaign; empty when it gives none.
    cast(sum(money_between(cost, place / count_days, (place + 1) / count_days)) as decimal(38, 6)) as cost,    -- Money spent, in the reporting currency; credit notes taken off.
    cast(coalesce(sum(money_between(cost, place / count_days, (place + 1) / count_days)) filter (where cost < 0), 0) as decimal(38, 6)) as credit_notes,    -- Money the platform gave back; below zero.
    sum(impressions / count_days) as impressions,          -- Times shown.
    sum(clicks / count_days) as clicks,                    -- Clicks.
    sum(claimed_conversions / count_days) as claimed_conversions,    -- Conversions the platform claims; null when it says nothing.
    cast(sum(money_between(claimed_value, place / count_days, (place + 1) / count_days)) as decimal(38, 6)) as claimed_value,    -- Value it claims, in the reporting currency.
    min(claim_basis) as claim_basis,                       -- Attribution setting behind the claim.
    max(source_currency) as source_currency,               -- Currency the source wrote.
    bool_or(count_days > 1) as is_spread                   -- A part of a longer period stands in it.
from placed
group by all
