-- One row per event that carries a platform's click id: what was exported, and what the id makes of it.
-- grain: event_id
with

settings as (select * from config.settings),

links as (
    select
        event_id, source_system,
        coalesce(session_id, hash(coalesce(client_id, user_id, person_key, email, phone, event_id::varchar))) as visitor,
        source, medium, campaign, page_url, lower(click_id_kind) as click_id_kind, click_id
    from validated.events
    where contains(page_url, '?') or click_id_kind is not null
),

parameters as (
    select event_id, unnest(string_split(split_part(split_part(page_url, '#', 1), '?', 2), '&')) as parameter
    from links
    union all
    select event_id, click_id_kind || '=' || coalesce(click_id, '') from links where click_id_kind is not null
),

carried as (
    select
        parameters.event_id, ids.parameter, ids.source, ids.medium, ids.proves_paid, ids.priority,
        substr(parameters.parameter, len(ids.parameter) + 2) as click_id
    from parameters
    join config.click_ids as ids on ids.parameter = lower(split_part(parameters.parameter, '=', 1))
    where contains(parameters.parameter, '=')
),

engines as (
    -- The search engine or network behind a host; a name stands for itself.
    select said.source, coalesce(min(hosts.source), said.source) as engine
    from (select distinct lower(trim(source)) as source from links) as said
    left join config.source_hosts as hosts on regexp_full_match(said.source, hosts.host_regex)
    group by said.source
),

said as (
    -- What exports write where they know nothing is nothing.
    select
        links.event_id, links.source_system, links.visitor, links.page_url, links.source, links.medium, links.campaign,
        case when engines.engine not in ('', '(direct)', '(not set)', '(none)') then engines.engine end as engine,
        case when lower(trim(medium)) not in ('', '(none)', '(not set)', '(direct)') then lower(trim(medium)) end as medium_name,
        case
            when lower(trim(campaign)) not in ('', '(not set)', '(none)', '(direct)', '(organic)', '(referral)') then campaign
        end as campaign_name
    from links
    semi join carried on carried.event_id = links.event_id
    left join engines on engines.source = lower(trim(links.source))
),

chosen as (
    -- Of several ids that of the network the export names was clicked last; else the one that proves most.
    select
        said.event_id,
        arg_min(
            struct_pack(parameter, click_id, carried.source, carried.medium, proves_paid),
            (carried.source is distinct from said.engine, priority, click_id)) as id
    from said
    join carried on carried.event_id = said.event_id
    group by said.event_id
),

judged as (
    select
        said.*, id.parameter as click_id_kind, id.click_id, id.source as id_source, id.medium as id_medium, id.proves_paid,
        said.engine is null and said.medium_name is null and said.campaign_name is null as is_silent,
        url_parameter(page_url, 'utm_source') as url_source,
        url_parameter(page_url, 'utm_medium') as url_medium,
        url_parameter(page_url, 'utm_campaign') as url_campaign,
        case
            when said.campaign_name is not null then 'tagged'
            when said.medium_name is null then case when said.engine is null or said.engine = id.source then 'open' else 'tagged' end
            when said.medium_name = 'organic' and id.proves_paid then 'open'
            when said.medium_name in ('organic', 'referral')
                then case when said.engine is null or said.engine = id.source then 'open' else 'named' end
            else 'tagged'
        end as standing
    from said
    join chosen using (event_id)
),

clicks as (
    -- A visit exports its tag once and the address many times: what one row says of a click holds for all of it.
    select
        *,
        bool_or(standing = 'tagged') over (partition by source_system, visitor, click_id_kind, click_id) as is_tagged
    from judged
),

settled as (
    select
        clicks.*,
        case
            when settings.overwrite_tags and proves_paid and standing <> 'named' then 'id'
            when standing = 'tagged' and engine is null and medium_name is not null then 'source'
            when standing <> 'open' then 'export'
            when coalesce(url_medium, url_campaign) is not null then 'address'
            when is_silent and is_tagged then 'export'
            else 'id'
        end as holds
    from clicks
    cross join settings
)

select
    event_id,                                              -- The event.
    source_system,                                         -- System it was exported from.
    click_id_kind,                                         -- Parameter that decides: gclid, msclkid, fbclid, ….
    click_id,                                              -- The id.
    coalesce(source, '') as exported_source,               -- Source as exported; empty when there is none.
    coalesce(medium, '') as exported_medium,               -- Medium as exported; empty when there is none.
    coalesce(campaign, '') as exported_campaign,           -- Campaign as exported; empty when there is none.
    case holds when 'id' then id_source when 'source' then id_source when 'address' then url_source else source end as source,    -- Source that holds.
    case holds when 'id' then id_medium when 'address' then url_medium else medium end as medium,    -- Medium that holds.
    case holds when 'id' then coalesce(campaign_name, url_campaign) when 'address' then url_campaign else campaign end as campaign,    -- Campaign that holds.
    holds = 'id' or holds = 'source' or (holds = 'address' and is_silent) as is_repaired    -- Something else was exported, so what holds replaces it.
from settled
