-- One row per period, platform, campaign, ad group and ad that money was spent on, in the reporting currency.
-- grain: row_key
select
    spend.row_key,                                         -- Hash of the row's natural key.
    spend.source_system,                                   -- System it was exported from.
    spend.platform,                                        -- Advertising platform.
    coalesce(spend.account_ref, '') as account_ref,        -- Account at the platform; empty when the export names none.
    spend.starts_on,                                       -- First day of the period.
    spend.ends_on,                                         -- Last day of the period.
    coalesce(channels.channel, 'Unassigned') as channel,   -- Channel that its clicks belong to.
    coalesce(spend.source, '') as source,                  -- Source that its clicks carry.
    coalesce(spend.medium, '') as medium,                  -- Medium that its clicks carry.
    coalesce(spend.campaign, '') as campaign,              -- Campaign.
    spend.campaign_id,                                     -- The platform's id of the campaign.
    spend.ad_group,                                        -- Ad group or ad set.
    spend.ad,                                              -- Ad.
    spend.breakdown,                                       -- What the rows are split by besides campaign.
    cast(round(spend.cost * rates.rate, 4) as decimal(18, 4)) as cost,    -- Money spent, in the reporting currency; below zero for a credit note.
    spend.currency as source_currency,                     -- Currency the source wrote.
    spend.impressions,                                     -- Times shown.
    spend.clicks,                                          -- Clicks that lead to the site.
    spend.claimed_conversions,                             -- Conversions the platform claims.
    cast(round(spend.claimed_value * rates.rate, 4) as decimal(18, 4)) as claimed_value,    -- Value it claims, in the reporting currency.
    spend.claim_basis,                                     -- Attribution setting behind the claim.
    spend.file_id,                                         -- File it was read from; see ops.files.
    spend.line_number                                      -- Line of that file.
from validated.spend as spend
left join core.channels as channels
    on channels.source_system = spend.source_system
    and channels.source = coalesce(spend.source, '')
    and channels.medium = coalesce(spend.medium, '')
    and channels.campaign = coalesce(spend.campaign, '')
left join core.exchange_rates as rates on rates.currency = spend.currency and rates.day = spend.starts_on
