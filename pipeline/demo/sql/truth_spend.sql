-- One row per day and campaign that money was spent on or that claims something.
select
    platform, number as campaign_id, name as campaign, channel, day,
    (cents / 100)::decimal(18, 2) as cost, impressions, clicks, claimed as claimed_conversions,
    (claimed_cents / 100)::decimal(18, 2) as claimed_value
from ad_report
order by day, number
