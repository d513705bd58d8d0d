-- One row per thing that an audience's contact did: joined, left, or was cleaned.
with

contacts as (
    select
        *,
        lower(coalesce(
            "Status",
            replace(file_fields ->> 'status', 'members', 'subscribed'),
            case when left_at is not null then 'unsubscribed' when "CLEAN_TIME" is not null then 'cleaned' end
        )) as standing
    from raw.mailchimp__audience
),

steps as (
    select
        *,
        unnest([
            {
                'part': 'signup',
                'name': case when regexp_matches(standing, '^(non|transactional)') then 'contact_added' else 'signup' end,
                'said_at': coalesce("OPTIN_TIME", "CONFIRM_TIME"),
                'campaign': null::varchar, 'campaign_id': null::varchar, 'reason': null::varchar
            },
            {
                'part': 'unsubscribe', 'name': 'unsubscribe', 'said_at': case when standing is distinct from 'subscribed' then left_at end,
                'campaign': left_title, 'campaign_id': left_id, 'reason': left_reason
            },
            {
                'part': 'clean', 'name': 'clean', 'said_at': case when standing is distinct from 'subscribed' then "CLEAN_TIME" end,
                'campaign': "CLEAN_CAMPAIGN_TITLE", 'campaign_id': "CLEAN_CAMPAIGN_ID", 'reason': null::varchar
            }
        ]) as step
    from contacts
)

select
    event_of(row_key, step.part) as event_id,
    file_id,
    line_number,
    row_key,
    utc_text(step.said_at, file_zone) as occurred_at,
    step.name as event_name,
    coalesce(names.interaction, 'other') as interaction,
    contact as person_key,
    "Email Address" as email,
    'mailchimp' as source,
    'email' as medium,
    step.campaign as campaign,
    step.campaign_id as campaign_id,
    "CC" as country,
    "REGION" as region,
    case when step.reason is not null then to_json({'reason': step.reason})::varchar end as detail
from steps
left join config.event_names as names on names.source_system = 'mailchimp' and names.event_name = step.name
where step.said_at is not null
