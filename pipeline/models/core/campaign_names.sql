-- One row per channel and way a campaign is written: the one name it goes by where spend and credit meet.
-- grain: channel, campaign
with

bought as (
    select channel, campaign, campaign_key(campaign) as key, sum(cost) as cost
    from core.spend
    where campaign <> ''
    group by all
),

ids as (
    -- Links may carry the platform's id of the campaign in the place of its name.
    select channel, campaign_id as campaign, min(campaign_key(campaign)) as key
    from core.spend
    where campaign_id is not null and campaign <> ''
    group by channel, campaign_id
    having count(distinct campaign_key(campaign)) = 1
),

written as (
    select distinct channel, campaign from core.channels where campaign <> ''
    union
    select channel, campaign from bought
),

keyed as (
    select written.channel, written.campaign, coalesce(ids.key, campaign_key(written.campaign)) as key
    from written
    left join ids on ids.channel = written.channel and ids.campaign = written.campaign
)

select
    keyed.channel,                                         -- Channel.
    keyed.campaign,                                        -- The campaign as a link or an export writes it, or the platform's id of it.
    first_value(keyed.campaign) over (
        partition by keyed.channel, keyed.key
        order by bought.cost desc nulls last, campaign_key(keyed.campaign) <> keyed.key, keyed.campaign
    ) as campaign_name,                                    -- One name for all spellings: that of most spend, else the first.
    bought.campaign is not null as is_bought               -- An export of spend writes it so.
from keyed
left join bought on bought.channel = keyed.channel and bought.campaign = keyed.campaign
