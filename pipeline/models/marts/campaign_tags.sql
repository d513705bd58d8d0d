-- One row per mistake in campaign tags: what is written, what was probably meant, and how many visits it concerns.
-- grain: finding, source, medium, campaign
with

tagged as (
    select source, medium, campaign, channel, count(*) as visits
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
            partition by source_key order by medium = '', pair_visits desc, medium
            rows between unbounded preceding and unbounded following) as medium_of_source
    from (
        select
            *,
            sum(visits) over (partition by source) as source_visits,
            sum(visits) over (partition by medium) as medium_visits,
            sum(visits) over (partition by source_key, campaign) as campaign_visits,
            sum(visits) over (partition by source_key, medium) as pair_visits
        from keyed
    )
),

own as (
    select distinct usual.source
    from (select distinct source, source_key from usual) as usual
    join config.silent_hosts as hosts on hosts.kind = 'own' and regexp_full_match(usual.source_key, hosts.host_regex)
),

found as (
    select
        usual.source, medium, campaign, channel, visits,
        unnest([
            case when usual.source <> usual_source then {'finding': 'source_spelled_differently', 'meant': usual_source} end,
            case when medium <> usual_medium and medium <> '' then {'finding': 'medium_spelled_differently', 'meant': usual_medium} end,
            case when campaign <> usual_campaign and campaign_key <> '' then {'finding': 'campaign_spelled_differently', 'meant': usual_campaign} end,
            case when medium = '' then {'finding': 'medium_missing', 'meant': medium_of_source} end,
            case when channel = 'Unassigned' and medium <> '' then {'finding': 'no_channel_rule_fits', 'meant': medium_of_source} end,
            case when own.source is not null and medium <> 'referral' then {'finding': 'own_site_tagged', 'meant': null::varchar} end,
            case when regexp_matches(concat_ws(' ', usual.source, medium, campaign), '[{}]|%[0-9A-Fa-f]{2}|utm_|&')
                then {'finding': 'tag_not_filled_in', 'meant': null::varchar} end
        ]) as said
    from usual
    left join own using (source)
)

select
    said.finding as finding,                               -- source, medium or campaign spelled differently from the usual spelling; medium_missing; no_channel_rule_fits; own_site_tagged: a link within the site carries a tag; tag_not_filled_in: a placeholder or an escape is left.
    source,                                                -- Source as written.
    medium,                                                -- Medium as written; empty when there is none.
    campaign,                                              -- Campaign as written; empty when there is none.
    min(channel) as channel,                               -- Channel its visits are counted under.
    min(said.meant) as meant,                              -- What was probably meant: the spelling, or the source's medium, with most visits; null when nothing is near.
    cast(sum(visits) as bigint) as visits                  -- Visits that setting it right would move.
from found
where said is not null
group by said.finding, source, medium, campaign
