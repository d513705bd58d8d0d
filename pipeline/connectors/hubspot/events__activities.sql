-- One row per activity in the export of a single contact.
with

zones (abbreviation, minutes, place) as (
    -- Where several zones share an abbreviation the file's own zone decides; when it is none of them, the first does.
    values
        ('UTC', 0, 1), ('GMT', 0, 1), ('Z', 0, 1), ('WET', 0, 1), ('WEST', 60, 1), ('CET', 60, 1), ('CEST', 120, 1),
        ('MEZ', 60, 1), ('MESZ', 120, 1), ('EET', 120, 1), ('EEST', 180, 1), ('MSK', 180, 1), ('SAST', 120, 1),
        ('BST', 60, 1), ('BST', 360, 2), ('IST', 330, 1), ('IST', 60, 2), ('IST', 120, 3), ('SGT', 480, 1), ('HKT', 480, 1),
        ('JST', 540, 1), ('KST', 540, 1), ('AWST', 480, 1), ('ACST', 570, 1), ('ACDT', 630, 1), ('AEST', 600, 1),
        ('AEDT', 660, 1), ('NZST', 720, 1), ('NZDT', 780, 1), ('NST', -210, 1), ('NDT', -150, 1), ('AST', -240, 1),
        ('AST', 180, 2), ('ADT', -180, 1), ('EST', -300, 1), ('EDT', -240, 1), ('CST', -360, 1), ('CST', 480, 2),
        ('CDT', -300, 1), ('MST', -420, 1), ('MDT', -360, 1), ('PST', -480, 1), ('PDT', -420, 1), ('AKST', -540, 1),
        ('AKDT', -480, 1), ('HST', -600, 1), ('BRT', -180, 1)
),

own_domains as (
    select value as domain from config.identifier_rules where kind = 'email' and match = 'domain' and rule = 'own_address'
),

activities as (
    select
        *,
        file_fields ->> 'contact_id' as contact_id,
        -- Newer Java writes a narrow space before AM and PM.
        trim(regexp_replace(happened_at, '[\s\x{a0}\x{202f}]+', ' ', 'g')) as happened,
        lower(regexp_extract(sender, '[^\s;,<>()"]+@[^\s;,<>()"]+')) as sender_email,
        list_distinct(regexp_extract_all(lower(concat_ws(' ', sender, receivers, copied)), '[^\s;,<>()"]+@[^\s;,<>()"]+')) as addresses
    from raw.hubspot__contact_activities
),

addressed as (
    select file_id, unnest(addresses) as address from activities
),

frequent as (
    select file_id, address
    from addressed
    anti join own_domains on own_domains.domain = split_part(address, '@', 2)
    group by file_id, address
    qualify count(*) = max(count(*)) over (partition by file_id)
),

guessed as (
    -- The contact's address stands in each of its e-mails; when another one does so too, nobody can tell them apart.
    select file_id, min(address) as guessed_email from frequent group by file_id having count(*) = 1
),

known as (
    select person_key as contact_id, lower(arg_max(email, (regexp_extract(file_name, '.*(\d{4}-\d{2}-\d{2})', 1), coalesce(newest_at, '')))) as known_email
    from raw.hubspot__contacts
    where email is not null
    group by person_key
),

worded as (
    select
        activities.*,
        guessed_email,
        case
            when type = 'CALL' then 'Call: ' || coalesce(outcome, status, 'no outcome')
            when type = 'EMAIL' and sender_email = coalesce(known_email, guessed_email) then 'INCOMING_EMAIL'
            else type
        end as says,
        local_time(regexp_replace(happened, ' [A-Za-z]{1,5}([+-]\d{1,2}(:?\d\d)?)?$', '')) as clock_with_zone,
        nullif(regexp_extract(happened, '\d(?: ?[AaPp][Mm])? ([A-Za-z]{1,5}(?:[+-]\d{1,2}(?::?\d\d)?)?)$', 1), '') as zone_text
    from activities
    left join guessed using (file_id)
    left join known using (contact_id)
),

placed as (
    select
        worded.*,
        coalesce(zones.minutes, try_cast(
            regexp_extract(zone_text, '^(?:GMT|UTC)([+-]\d{1,2})', 1) as integer) * 60
            + try_cast(regexp_extract(zone_text, '([+-])\d', 1) || coalesce(nullif(regexp_extract(zone_text, '\d:?(\d\d)$', 1), ''), '0') as integer)
        ) as minutes_ahead
    from worded
    left join zones on zones.abbreviation = upper(zone_text)
    qualify row_number() over (
        partition by file_id, line_number
        order by zones.minutes is not distinct from date_diff('minute', utc_of(clock_with_zone, file_zone), clock_with_zone) desc, zones.place
    ) = 1
)

select
    row_key as event_id,
    file_id,
    line_number,
    row_key,
    case
        when regexp_full_match(happened, '\d{12,14}') then utc_text_of_millis(regexp_extract(happened, '^\d{1,14}$'))
        when zone_text is null or upper(zone_text) in ('AM', 'PM') then utc_text(happened, file_zone)
        else coalesce((clock_with_zone - minutes_ahead * interval 1 minute)::varchar, happened)
    end as occurred_at,
    'minute' as time_precision,
    says as event_name,
    coalesce(event_names.interaction, 'other') as interaction,
    contact_id as person_key,
    case when contact_id is null then guessed_email end as email,
    'hubspot' as source,
    'sales' as medium,
    case when regexp_full_match(duration, '\d+') then (try_cast(duration as double) / 1000)::varchar else duration end as duration_seconds,
    created_by as agent_ref,
    nullif(json_merge_patch('{}', json_object('subject', subject, 'title', title, 'status', status))::varchar, '{}') as detail
from placed
left join config.event_names as event_names
    on event_names.source_system = 'hubspot' and event_names.event_name = says
