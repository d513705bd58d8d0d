-- One row per mistake in campaign tags: what is written, what was probably meant, how many visits it concerns, and where one is.
-- grain: finding, source, medium, campaign
with

tagged as (
    select source, medium, campaign, channel, count(*) as visits, min(session_id) as session_id
    from core.sessions
    where not is_machine and not is_test and source <> '(direct)'
    group by source, medium, campaign, channel
),

keyed as (
    select
        *,
        lower(trim(source)) as source_key,
        regexp_replace(lower(trim(medium)), '[-_\s]+', '_', 'g') as medium_key,
        regexp_replace(lower(trim(campaign)), '[^[:alnum:]]+', '', 'g') as campaign_key
    from tagged
),

usual as (
    -- The spelling with most visits is taken for the right one.
    select
        *,
        first_value(source) over (partition by source_key order by source_visits desc, source) as usual_source,
        first_value(medium) over (partition by medium_key order by medium_visits desc, medium) as usual_medium,
        first_value(campaign) over (partition by source_key, campaign_key order by campaign_visits desc, campaign) as usual_campaign,
        first_value(nullif(medium, '') ignore nulls) over (
            partition by source_key order by channel = 'Unassigned', medium = '', pair_visits desc, medium
            rows between unbounded preceding and unbounded following) as medium_of_source
    from (
        select
            *,
            sum(visits) over (partition by source) as source_visits, sum(visits) over (partition by medium) as medium_visits,
            sum(visits) over (partition by source_key, campaign) as campaign_visits, sum(visits) over (partition by source_key, medium) as pair_visits
        from keyed
    )
),

own as (
    select distinct usual.source
    from (select distinct source, source_key from usual) as usual
    join config.silent_hosts as hosts on hosts.kind = 'own' and regexp_full_match(usual.source_key, hosts.host_regex)
),

assigned as (
    -- Where visits with such tags are counted; a tag that nobody used yet is promised nothing.
    select source_key, lower(trim(medium)) as medium, arg_max(channel, (visits, channel)) as channel
    from usual
    where channel <> 'Unassigned'
    group by all
),

found as (
    select
        usual.source, medium, campaign, channel, visits, session_id, source_key,
        unnest([
            case when usual.source <> usual_source then {'finding': 'source_spelled_differently', 'meant': usual_source, 'medium': medium} end,
            case when medium <> usual_medium and medium <> '' then {'finding': 'medium_spelled_differently', 'meant': usual_medium, 'medium': usual_medium} end,
            case when campaign <> usual_campaign and campaign_key <> '' then {'finding': 'campaign_spelled_differently', 'meant': usual_campaign, 'medium': medium} end,
            case when medium = '' then {'finding': 'medium_missing', 'meant': medium_of_source, 'medium': medium_of_source} end,
            case when channel = 'Unassigned' then {'finding': 'no_channel_rule_fits', 'meant': medium_of_source, 'medium': medium_of_source} end,
            case when own.source is not null and medium <> 'referral' then {'finding': 'own_site_tagged', 'meant': null::varchar, 'medium': null::varchar} end,
            case when regexp_matches(concat_ws(' ', usual.source, medium, campaign), '[{}]|%[0-9A-Fa-f]{2}|utm_|&')
                then {'finding': 'tag_not_filled_in', 'meant': null::varchar, 'medium': null::varchar} end
        ]) as said
    from usual
    left join own using (source)
),

placed as (
    select
        found.*, said.finding as finding, nullif(said.meant, found.medium) as meant, assigned.channel as channel_meant,
        -- A rule holds for all campaigns of a source and medium.
        case when said.finding = 'no_channel_rule_fits' then '' else found.campaign end as campaign_named,
        regexp_replace(lower(trim(source)), '([.^$*+?()\[\]{}|\\])', '\\\1', 'g') as source_regex,
        coalesce(nullif(regexp_replace(lower(trim(found.medium)), '([.^$*+?()\[\]{}|\\])', '\\\1', 'g'), ''), '-') as medium_regex,
        lower(concat_ws(' ', found.medium, source)) as words
    from found
    left join assigned on assigned.source_key = found.source_key and assigned.medium = lower(trim(said.medium))
    where said is not null
),

examples as (
    select session_id, file_id, line_number
    from core.touchpoints
    where session_id in (select session_id from placed)
    qualify row_number() over (partition by session_id order by occurred_at, touchpoint_id) = 1
)

select
    finding,                                               -- source, medium or campaign spelled differently from the usual spelling; medium_missing; no_channel_rule_fits; own_site_tagged: a link within the site carries a tag; tag_not_filled_in: a placeholder or an escape is left.
    source,                                                -- Source as written.
    medium,                                                -- Medium as written; empty when there is none.
    campaign_named as campaign,                            -- Campaign as written; empty when there is none, and where a rule would hold for all of them.
    min(channel) as channel,                               -- Channel its visits are counted under.
    min(meant) as meant,                                   -- What was probably meant: the spelling, or the source's medium, with most visits; null when nothing is near.
    cast(sum(visits) as bigint) as visits,                 -- Visits that setting it right would move.
    cast(sum(case
        when channel <> 'Unassigned' then 0
        when finding in ('no_channel_rule_fits', 'own_site_tagged') then visits
        when finding in ('medium_missing', 'medium_spelled_differently') and channel_meant is not null then visits else 0
    end) as bigint) as visits_unassigned,                  -- Of these, visits that Unassigned would lose.
    case when finding = 'no_channel_rule_fits' then '  - {channel: ' || coalesce(
        min(channel_meant),
        case
            when min(words) similar to '.*(mail|newsletter).*' then 'Email' when min(words) similar to '.*(sms|text).*' then 'SMS'
            when min(words) similar to '.*(affil|partner|aff ).*' then 'Affiliates' when min(words) similar to 'ads?.*' then 'Paid Other'
            when min(words) similar to '.*(social|story|reel|bio|post).*' then 'Organic Social'
            when min(words) similar to '.*(banner|display).*' then 'Display' when min(words) similar to '.*(podcast|audio|radio).*' then 'Audio'
            when min(words) similar to '.*(qr|flyer|poster|print|leaflet|fair).*' then 'Offline'
            when min(source) like '%.%' then 'Referral'
            else 'Other campaigns' end) || ', source_regex: ''' || replace(regexp_replace(min(source_regex), '[[:cntrl:]]', '.', 'g'), '''', '''''')
        || ''', medium_regex: ''' || replace(regexp_replace(min(medium_regex), '[[:cntrl:]]', '.', 'g'), '''', '''''')
        || '''}' end as rule,                              -- A line for channel_rules in journeys.yaml that gives these visits a channel; the channel is a proposal. Null for mistakes that only the links can mend.
    arg_min(examples.file_id, session_id) as file_id,      -- File that holds one of the visits; see ops.files.
    arg_min(examples.line_number, session_id) as line_number    -- Line of that file.
from placed
left join examples using (session_id)
group by finding, source, medium, campaign_named
