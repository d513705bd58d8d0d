-- One row per opening and closing of a ticket.
with

moments as (
    select
        *,
        unnest([
            {'part': 'opened', 'at': created_on, 'says': 'Ticket opened'},
            {'part': 'closed', 'at': closed_on, 'says': 'Ticket closed'}
        ]) as moment
    from raw.hubspot__tickets
)

select
    event_of(row_key, moment.part) as event_id,
    file_id,
    line_number,
    row_key,
    utc_text(moment.at, file_zone) as occurred_at,
    case
        when regexp_full_match(moment.at, '\d{4}-\d\d-\d\d( 00:00(:00)?)?') then 'day'
        when regexp_matches(moment.at, ':\d\d:\d\d') then 'second'
        else 'minute'
    end as time_precision,
    case when ticket_key is not null then moment.says end as event_name,
    coalesce(event_names.interaction, 'other') as interaction,
    contact_key as person_key,
    case when contact_ids is null then nullif(regexp_extract(concat_ws(';', contact_emails, contact_names), '[^\s;,<>()"]+@[^\s;,<>()"]+'), '') end as email,
    nullif(regexp_extract(company_ids, '^([0-9]+)(?:\.0+)? *(?:[;,]|$)', 1), '') as account_ref,
    'hubspot' as source,
    'support' as medium,
    owner as agent_ref,
    nullif(json_merge_patch('{}', json_object(
        'ticket', ticket_key,
        'name', replace(replace(replace(replace(replace(ticket_name, '&lt;', '<'), '&gt;', '>'), '&quot;', '"'), '&#39;', ''''), '&amp;', '&'),
        'status', ticket_status,
        'pipeline', pipeline,
        'priority', priority,
        'category', category,
        'channel', channel,
        'contacts', case when contact_ids <> contact_key then contact_ids end
    ))::varchar, '{}') as detail
from moments
left join config.event_names as event_names
    on event_names.source_system = 'hubspot' and event_names.event_name = moment.says
-- A ticket without an opening time must be rejected, one that is still open just has no end.
where moment.at is not null or moment.part = 'opened'
