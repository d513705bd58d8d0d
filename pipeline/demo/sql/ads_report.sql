-- One row per day and campaign that was shown or clicked, or claims something.
with

claims as (
    select campaign, day, count(*) as claimed, sum(cents)::bigint as claimed_cents from ad_claims group by all
)

select
    campaign, platform, number, name, channel, $start + d.day::integer as day, clicks, impressions, cents,
    coalesce(claimed, 0) as claimed, coalesce(claimed_cents, 0) as claimed_cents
from ad_days as d
join ad_campaigns using (campaign)
left join claims as c using (campaign, day)
where impressions > 0 or claimed > 0
