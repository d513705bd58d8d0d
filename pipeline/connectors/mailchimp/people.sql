-- One row per contact of an audience.
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

fields as (
    select file_id, line_number, unnest(map_entries(extra::json::map(varchar, varchar))) as field
    from contacts
    where extra is not null
),

told_apart as (
    -- Merge fields and groups are named by the user; only groups escape a comma, in at least one of their cells.
    select file_id, line_number, field.key as label, field.value as cell,
        bool_or(contains(field.value, '\,')) over (partition by field.key) as is_group
    from fields
),

written as (
    select
        file_id,
        line_number,
        map_from_entries(list({'k': label, 'v': case
            when is_group
            then to_json(list_transform(
                split_list(replace(cell, '\,', chr(31)), ','), lambda part: replace(part, chr(31), ',')))
            else to_json(cell)
        end} order by label)) as fields
    from told_apart
    group by file_id, line_number
)

select
    contacts.file_id,
    contacts.line_number,
    contacts.row_key,
    contact as person_key,
    some_of(["Email Address"]) as emails,
    some_of(["Phone Number"]) as phones,
    "First Name" as first_name,
    "Last Name" as last_name,
    "REGION" as region,
    "CC" as country,
    "Company" as company,
    utc_text(coalesce("OPTIN_TIME", "CONFIRM_TIME"), file_zone) as created_at,
    standing as lifecycle_stage,
    -- Cleaned addresses cannot be reached and the others never said yes: neither is a no.
    case standing when 'subscribed' then 'granted' when 'unsubscribed' then 'denied' else 'unknown' end as email_consent,
    json_merge_patch('{}', to_json({
        'tags': case
            when contains("TAGS", '"')
            then list_transform(regexp_extract_all("TAGS", '"((?:[^"]|"")*)"', 1), lambda tag: replace(tag, '""', '"'))
            else split_list("TAGS", ',')
        end,
        'rating': "MEMBER_RATING", 'euid': "EUID", 'list_id': file_fields ->> 'list_id', 'zone': "TIMEZONE",
        'email_type': "EMAIL_TYPE", 'notes': "NOTES", 'fields': written.fields
    }))::varchar as traits
from contacts
left join written on written.file_id = contacts.file_id and written.line_number = contacts.line_number
