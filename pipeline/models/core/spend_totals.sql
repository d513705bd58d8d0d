-- One row per level, period, channel and campaign with spend: all of it, and that of days which orders can be compared with.
-- grain: level, period, channel, campaign
with

spent as (
    select
        unnest([days.channel, '(all channels)']) as channel,
        coalesce(names.campaign_name, days.campaign) as campaign,
        strftime(days.day, '%Y-%m') as month,
        days.cost, days.credit_notes, days.clicks, days.is_spread,
        covered.day is not null as is_compared
    from core.spend_days as days
    left join core.spend_coverage as covered on covered.channel = days.channel and covered.platform = '(all platforms)' and covered.day = days.day
    left join core.campaign_names as names on names.channel = days.channel and names.campaign = days.campaign
),

sums as (
    select
        channel, campaign, month, grouping(campaign) = 0 as is_campaign,
        sum(cost) as cost, sum(credit_notes) as credit_notes, sum(clicks) as clicks, bool_or(is_spread) as is_spread,
        coalesce(sum(cost) filter (where is_compared), 0) as compared_cost
    from spent
    group by grouping sets ((channel, month), (channel), (channel, campaign))
),

days as (
    select
        channel, strftime(day, '%Y-%m') as month, count(*) as count_days, min(day) as first_day, max(day) as last_day,
        bool_or(is_partial) or (grouping(month) = 0 and count(*) < day(last_day(min(day)))) as is_partial
    from core.spend_coverage
    where platform = '(all platforms)'
    group by grouping sets ((channel, month), (channel))
)

select
    case when sums.channel = '(all channels)' then 'all' when sums.is_campaign then 'campaign' else 'channel' end as level,    -- all, channel or campaign: take one at a time.
    coalesce(sums.month, 'all') as period,                 -- Month of the spend, as 2026-09, or all; campaigns have all only.
    sums.channel,                                          -- Channel that the clicks belong to.
    case when sums.is_campaign then sums.campaign else '(all)' end as campaign,    -- Campaign; empty when the export names none, (all) above that level.
    cast(sums.cost as decimal(38, 6)) as spend,            -- All money spent, in the reporting currency, as are all amounts here; credit notes taken off.
    cast(sums.compared_cost as decimal(38, 6)) as compared_spend,    -- The part on days that the order books cover as well.
    cast(sums.credit_notes as decimal(38, 6)) as credit_notes,    -- What platforms gave back; below zero.
    sums.clicks,                                           -- Clicks.
    coalesce(days.count_days, 0) as count_days,            -- Days on which spend and orders are compared.
    days.first_day,                                        -- The first of them.
    days.last_day,                                         -- The last of them.
    coalesce(days.is_partial, true) as is_partial,         -- Not every day of the month is covered by every platform of the channel.
    sums.is_spread                                         -- A part comes from a longer period that was spread evenly over its days.
from sums
left join days on days.channel = sums.channel and days.month is not distinct from sums.month
where not (sums.is_campaign and sums.channel = '(all channels)')
