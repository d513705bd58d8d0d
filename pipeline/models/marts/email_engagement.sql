-- One row per message of a mailing system: who got it, opened it and clicked, as the vendor counts and without machines.
-- grain: source_system, message
with

points as (
    select
        points.source_system,
        coalesce(nullif(points.campaign_id, ''), points.campaign) as message,
        points.campaign,
        coalesce(cast(points.customer_id as varchar), cast(points.touchpoint_id as varchar)) as recipient,
        points.interaction,
        points.occurred_at,
        points.is_machine,
        points.is_machine and scanners.event_id is null as is_machine_to_vendor
    from core.touchpoints as points
    left join core.machine_clicks as scanners on scanners.event_id = points.touchpoint_id
    where points.interaction in ('email_sent', 'email_bounce', 'email_open', 'email_click') and not points.is_test
        and (points.campaign_id is not null or points.campaign <> '')
),

counted as (
    select
        source_system, message,
        min(campaign) as campaign,
        min(occurred_at) as first_at,
        count(distinct recipient) filter (where interaction = 'email_sent') as count_sent,
        count(distinct recipient) filter (where interaction = 'email_bounce') as count_bounced,
        count(distinct recipient) filter (where interaction = 'email_open') as count_openers,
        count(distinct recipient) filter (where interaction = 'email_open' and is_machine) as count_openers_machine,
        count(distinct recipient) filter (where interaction = 'email_click' and not is_machine_to_vendor) as count_clickers_vendor,
        count(distinct recipient) filter (where interaction = 'email_click' and not is_machine) as count_clickers
    from points
    group by source_system, message
),

reported as (
    -- Where the export does not say who got a message, its report says how many did.
    select
        source_system,
        lower(regexp_replace(name, '[^\pL\pN]', '', 'g')) as letters,
        max(value) filter (where metric in ('total recipients', 'recipients', 'sent')) as sent,
        max(value) filter (where metric in ('successful deliveries', 'deliveries', 'delivered')) as delivered
    from (
        select source_system, unnest([object_ref, object_name]) as name, lower(metric) as metric, value
        from core.engagement
        where object_kind = 'campaign'
    ) as told
    group by source_system, letters
),

known as (
    select
        counted.*,
        cast(coalesce(
            max(reported.delivered), max(reported.sent) - any_value(count_bounced),
            case when any_value(count_sent) > 0 then any_value(count_sent) - any_value(count_bounced) end
        ) as bigint) as count_delivered
    from counted
    left join reported
        on reported.source_system = counted.source_system
        and reported.letters in (
            lower(regexp_replace(counted.campaign, '[^\pL\pN]', '', 'g')), lower(regexp_replace(counted.message, '[^\pL\pN]', '', 'g')))
    group by all
)

select
    source_system,                                         -- System that sent it.
    message,                                               -- Its id, or its name where it has none.
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
