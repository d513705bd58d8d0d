-- One row per system and combination of source, medium and campaign: the channel it belongs to and the rule that says so.
-- grain: source_system, source, medium, campaign
with

seen as (
    select source_system, source, medium, campaign from validated.events
    union
    select source_system, source, medium, campaign from validated.spend
    union
    select source_system, source, medium, campaign from core.click_ids where is_repaired
),

tuples as (
    select distinct
        source_system,
        coalesce(source, '') as source,
        coalesce(medium, '') as medium,
        coalesce(campaign, '') as campaign
    from seen
    union
    select distinct source_system, '', '', '' from seen
),

hosts as (
    -- Exports other than Google Analytics' write hosts where the rules know names.
    select sources.source, min(hosts.source) as source_name
    from (select distinct lower(trim(source)) as source from tuples where source_system <> 'ga4') as sources
    join config.source_hosts as hosts on regexp_full_match(sources.source, hosts.host_regex)
    group by sources.source
),

named as (
    -- Rules see lower case without spaces around it; a missing value is written -.
    select
        tuples.*,
        case
            when tuples.source_system <> 'ga4'
                then coalesce(hosts.source_name, nullif(lower(trim(tuples.source)), ''), '-')
            else coalesce(nullif(lower(trim(tuples.source)), ''), '-')
        end as source_name,
        coalesce(nullif(lower(trim(tuples.medium)), ''), '-') as medium_name,
        coalesce(nullif(lower(trim(tuples.campaign)), ''), '-') as campaign_name
    from tuples
    left join hosts on hosts.source = lower(trim(tuples.source))
),

rules as (select * from config.channel_rules),

source_hits as (
    select names.source_name, rules.rule_order
    from (select distinct source_name from named) as names
    left join config.source_categories as categories on categories.source = names.source_name
    join rules
        on (rules.source_regex is null or regexp_full_match(names.source_name, rules.source_regex))
        and (rules.source_category is null or rules.source_category = categories.source_category)
),

medium_hits as (
    select names.medium_name, rules.rule_order
    from (select distinct medium_name from named) as names
    join rules on rules.medium_regex is null or regexp_full_match(names.medium_name, rules.medium_regex)
),

campaign_hits as (
    select names.campaign_name, rules.rule_order
    from (select distinct campaign_name from named) as names
    join rules on rules.campaign_regex is null or regexp_full_match(names.campaign_name, rules.campaign_regex)
),

fired as (
    select named.source_system, named.source, named.medium, named.campaign, min(source_hits.rule_order) as rule_order
    from named
    join source_hits on source_hits.source_name = named.source_name
    join medium_hits on medium_hits.medium_name = named.medium_name and medium_hits.rule_order = source_hits.rule_order
    join campaign_hits
        on campaign_hits.campaign_name = named.campaign_name and campaign_hits.rule_order = source_hits.rule_order
    group by named.source_system, named.source, named.medium, named.campaign
),

silent as (
    -- A tag that somebody set by hand is meant; only what a browser reported is looked up.
    -- The host as written: accounts.google.com stands for Google among engines, and for a log-in here.
    select sources.host, min(hosts.kind) as kind
    from (select distinct lower(trim(source)) as host from named where medium_name in ('referral', '-')) as sources
    join config.silent_hosts as hosts on regexp_full_match(sources.host, hosts.host_regex)
    group by sources.host
)

select
    named.source_system,                                   -- System the combination comes from.
    named.source,                                          -- Source as written; empty when there is none.
    named.medium,                                          -- Medium as written; empty when there is none.
    named.campaign,                                        -- Campaign as written; empty when there is none.
    coalesce(rules.channel, 'Unassigned') as channel,      -- Channel of the first rule that fits.
    coalesce(cast(rules.rule_order as varchar) || ' ' || rules.says, 'no rule fits') as channel_rule,    -- Order and words of that rule.
    silent.kind as silent_kind                             -- own, payment, bank, login or webmail when it is part of a visit and never what brought it; else null.
from named
left join fired using (source_system, source, medium, campaign)
left join silent on silent.host = lower(trim(named.source)) and named.medium_name in ('referral', '-')
left join rules on rules.rule_order = fired.rule_order
