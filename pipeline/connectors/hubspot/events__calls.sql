-- One row per logged call.
with

deals as (
    -- A call that names only a deal belongs to the deal's contact.
    select deal_key, arg_max(contact_key, (regexp_extract(file_name, '.*(\d{4}-\d{2}-\d{2})', 1), coalesce(newest_at, ''))) as deal_contact
    from raw.hubspot__deals
    where deal_key is not null and contact_key is not null
    group by deal_key
),

timed as (
    select
        calls.*,
        deals.deal_contact,
        'Call: ' || coalesce(outcome, status, 'no outcome') as says,
        lower(direction) as way,
        case
            when regexp_full_match(duration, '\d+(\.\d+)?') then (try_cast(duration as double) / 1000)::varchar
            when regexp_full_match(duration, '(\d+:)?\d{1,2}:\d{2}') then (
                coalesce(try_cast(nullif(regexp_extract(duration, '^(\d+):\d+:\d+$', 1), '') as double), 0) * 3600
                + try_cast(regexp_extract(duration, '(\d+):\d+$', 1) as double) * 60
                + try_cast(regexp_extract(duration, '(\d+)$', 1) as double))::varchar
            when regexp_full_match(lower(duration), '(\d+ ?h[a-z]*,? ?)?(\d+ ?m[a-z]*,? ?)?(\d+ ?s[a-z]*)?') then (
                coalesce(try_cast(nullif(regexp_extract(lower(duration), '(\d+) ?h', 1), '') as double), 0) * 3600
                + coalesce(try_cast(nullif(regexp_extract(lower(duration), '(\d+) ?m', 1), '') as double), 0) * 60
                + coalesce(try_cast(nullif(regexp_extract(lower(duration), '(\d+) ?s', 1), '') as double), 0))::varchar
            else duration
        end as seconds
    from raw.hubspot__calls as calls
    left join deals using (deal_key)
)

select
    row_key as event_id,
    file_id,
    line_number,
    row_key,
    utc_text(activity_on, file_zone) as occurred_at,
    case
        when regexp_full_match(activity_on, '\d{4}-\d\d-\d\d( 00:00(:00)?)?') then 'day'
        when regexp_matches(activity_on, ':\d\d:\d\d') then 'second'
        else 'minute'
    end as time_precision,
    case when call_key is not null then says end as event_name,
    -- A call that lasted was answered, whatever nobody wrote down.
    coalesce(
        event_names.interaction,
        case when outcome is null and status is null and try_cast(seconds as double) > 0 then 'call' end,
        'other') as interaction,
    coalesce(contact_key, deal_contact) as person_key,
    -- The other number is the business's own; without a direction nobody can tell which.
    case when way = 'inbound' then from_number when way = 'outbound' then to_number end as phone,
    nullif(regexp_extract(company_ids, '^([0-9]+)(?:\.0+)? *(?:[;,]|$)', 1), '') as account_ref,
    'hubspot' as source,
    'sales' as medium,
    deal_key as order_ref,
    seconds as duration_seconds,
    owner as agent_ref,
    nullif(json_merge_patch('{}', json_object(
        'title', title,
        'direction', direction,
        'contacts', case when contact_ids <> contact_key then contact_ids end
    ))::varchar, '{}') as detail
from timed
left join config.event_names as event_names
    on event_names.source_system = 'hubspot' and event_names.event_name = says
