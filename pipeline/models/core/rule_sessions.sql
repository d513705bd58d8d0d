-- One row per event of a visit that is not the source's own session: the visit it falls into by the rules of sessions in journeys.yaml.
-- grain: event_id
with

settings as (
    select *, session_preset is distinct from 'ga4' as is_cutting from config.settings
),

visits as (
    -- Under ga4 the sessions of an export stand; under the other presets their events are cut further, never joined.
    select
        events.event_id,
        events.source_system,
        events.session_id as own_session_id,
        coalesce(
            'session ' || events.session_id, events.client_id, events.user_id, events.person_key, events.email, events.phone
        ) as visitor,
        events.occurred_at,
        events.interaction = 'purchase' as is_purchase,
        case when is_cutting then coalesce(ids.source, events.source, '') end as source,
        case when is_cutting then coalesce(ids.medium, events.medium, '') end as medium,
        case when is_cutting then coalesce(ids.campaign, case when ids.event_id is null then events.campaign end, '') end as campaign,
        case
            when session_splits_at_midnight
                then cast(timezone(reporting_zone, timezone('UTC', events.occurred_at)) as date)
        end as local_day
    from validated.events as events
    cross join settings
    left join config.interactions as interactions on interactions.interaction = events.interaction
    left join (select event_id, source, medium, campaign from core.click_ids where is_repaired) as ids
        on ids.event_id = events.event_id
    where (events.session_id is null and interactions.touch = 'visit') or (events.session_id is not null and is_cutting)
),

led as (
    -- What brings a visitor: a campaign with its tags, or a website; silent referrers, search and nothing bring no other visit.
    select
        visits.* exclude (source, medium, campaign, local_day),
        local_day is distinct from lag(local_day) over in_order as is_new_day,
        lag(occurred_at) over in_order as previous_at,
        case
            when visits.source || visits.medium || visits.campaign = '' or channels.silent_kind is not null then null
            else concat_ws(chr(31), visits.source, visits.medium, visits.campaign)
        end as brought_by,
        case
            when channels.channel is null or channels.silent_kind is not null or channels.channel in ('Direct', 'Organic Search')
                then null
            when lower(visits.medium) = 'referral' or (visits.medium = '' and visits.campaign = '') then 'website'
            else 'campaign'
        end as brought_how
    from visits
    left join core.channels as channels
        on channels.source_system = visits.source_system and channels.source = visits.source
        and channels.medium = visits.medium and channels.campaign = visits.campaign
    where visitor is not null
    window in_order as (partition by visits.source_system, visitor order by occurred_at, event_id)
),

timed as (
    select
        led.* exclude (previous_at, is_new_day),
        sum(case
            when previous_at is null then 1
            when occurred_at > previous_at + settings.session_timeout_minutes * interval 1 minute then 1
            when settings.session_splits_at_midnight and is_new_day then 1
            else 0
        end) over (
            partition by source_system, visitor order by occurred_at, event_id
            rows between unbounded preceding and current row) as stay
    from led
    cross join settings
),

followed as (
    select
        timed.*,
        last_value(brought_by ignore nulls) over (
            partition by source_system, visitor, stay order by occurred_at, event_id
            rows between unbounded preceding and 1 preceding) as before_by
    from timed
),

cut as (
    select
        followed.*,
        sum(case
            when before_by = brought_by or before_by is null then 0
            when settings.session_splits_on_campaign and brought_how = 'campaign' then 1
            when settings.session_splits_on_website and brought_how = 'website' then 1
            else 0
        end) over (
            partition by source_system, visitor, stay order by occurred_at, event_id
            rows between unbounded preceding and current row) as part
    from followed
    cross join settings
),

numbered as (
    select
        *,
        row_number() over (partition by source_system, visitor, stay, part order by occurred_at, event_id) - 1 as action,
        min(occurred_at) over (partition by source_system, visitor, stay, part) as started_at,
        -- A till reports the purchase of a web shop and nothing before it: that is no visit.
        own_session_id is null and bool_and(is_purchase) over (partition by source_system, visitor, stay) as is_only_bought
    from cut
)

select
    event_id,                                              -- The event.
    hash(source_system, visitor, started_at, part, coalesce(action // settings.session_max_actions, 0)) as session_id    -- Visit it belongs to.
from numbered
cross join settings
where not is_only_bought
    and (own_session_id is null or stay > 1 or part > 0 or coalesce(action // settings.session_max_actions, 0) > 0)
