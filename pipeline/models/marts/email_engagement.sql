-- One row per message of a mailing system: who got it, opened it and clicked, as the vendor counts and without machines.
-- grain: source_system, message
with

reported as (
    -- Where the export does not say who got a message, its report says how many did. A title used twice says nothing.
    select
        source_system,
        lower(regexp_replace(name, '[^\pL\pN]', '', 'g')) as letters,
        max(value) filter (where metric in ('total recipients', 'recipients', 'sent')) as sent,
        max(value) filter (where metric in ('successful deliveries', 'deliveries', 'delivered')) as delivered
    from (
        select source_system, object_ref, object_name as name, lower(metric) as metric, value
        from core.engagement
        where object_kind = 'campaign' and object_name is not null
    ) as told
    group by source_system, letters
    having count(distinct object_ref) = 1
),

titles as (
    -- Exports of one system write a campaign's name and number in different ways.
    select named.source_system, named.campaign, reported.letters, reported.sent, reported.delivered
    from (select distinct source_system, campaign from core.touchpoints where interaction like 'email%') as named
    join reported
        on reported.source_system = named.source_system
        and reported.letters = lower(regexp_replace(named.campaign, '[^\pL\pN]', '', 'g'))
),

numbers as (
    -- A link's own campaign tag may differ from the title; the number of the message is the same.
    select points.source_system, points.campaign_id, min(titles.letters) as letters
    from (
        select distinct source_system, campaign_id, campaign
        from core.touchpoints where interaction like 'email%' and campaign_id <> ''
    ) as points
    join titles using (source_system, campaign)
    group by points.source_system, points.campaign_id
),

points as (
    select
        points.source_system,
        coalesce(titles.letters, numbers.letters, nullif(points.campaign_id, ''), points.campaign) as message,
        points.campaign,
        titles.sent, titles.delivered,
        coalesce(cast(points.customer_id as varchar), cast(points.touchpoint_id as varchar)) as recipient,
        points.interaction,
        points.occurred_at,
        points.is_machine,
        points.is_machine and scanners.event_id is null as is_machine_to_vendor
    from core.touchpoints as points
    left join core.machine_clicks as scanners on scanners.event_id = points.touchpoint_id
    left join titles on titles.source_system = points.source_system and titles.campaign = points.campaign
    left join numbers on numbers.source_system = points.source_system and numbers.campaign_id = points.campaign_id
    where points.interaction in ('email_sent', 'email_bounce', 'email_open', 'email_click') and not points.is_test
        and (points.campaign_id is not null or points.campaign <> '')
),

counted as (
    select
        source_system, message,
        min(campaign) as campaign,
        min(occurred_at) as first_at,
        min(sent) as sent,
        min(delivered) as delivered,
        count(distinct recipient) filter (where interaction = 'email_sent') as count_sent,
        count(distinct recipient) filter (where interaction = 'email_bounce') as count_bounced,
        count(distinct recipient) filter (where interaction = 'email_open') as count_openers,
        count(distinct recipient) filter (where interaction = 'email_open' and is_machine) as count_openers_machine,
        count(distinct recipient) filter (where interaction = 'email_click' and not is_machine_to_vendor) as count_clickers_vendor,
        count(distinct recipient) filter (where interaction = 'email_click' and not is_machine) as count_clickers
    from points
    group by source_system, message
    having count(*) filter (where interaction <> 'email_bounce') > 0
),

known as (
    select
        *,
        cast(coalesce(
            delivered, sent - count_bounced, case when count_sent > 0 then count_sent - count_bounced end
        ) as bigint) as count_delivered
    from counted
)

select
    source_system,                                         -- System that sent it.
    message,                                               -- Letters of its title where the report of campaigns has it, else its id or name.
    campaign,                                              -- Campaign.
    first_at,                                              -- First thing known of it, UTC.
    count_delivered,                                       -- People it was delivered to; null when no export says.
    count_openers,                                         -- People it was opened for; mail programs open by themselves, so opens earn no credit.
    count_openers_machine,                                 -- Of these, those whose opens the source takes for a machine's.
    count_clickers_vendor,                                 -- People who clicked, as the vendor counts.
    count_clickers,                                        -- People who clicked, without clicks that a machine made.
    case when count_delivered >= count_clickers_vendor then count_clickers_vendor / count_delivered end as click_rate_vendor,    -- Share of people who clicked, as the vendor counts.
    case when count_delivered >= count_clickers_vendor then count_clickers / count_delivered end as click_rate,    -- The same without machines.
    case when count_delivered >= count_clickers_vendor then share_low(count_clickers, count_delivered) end as click_rate_low,    -- Lower end of its 95 % interval.
    case when count_delivered >= count_clickers_vendor then share_high(count_clickers, count_delivered) end as click_rate_high    -- Upper end.
from known
