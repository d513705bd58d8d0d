-- One row per contact of a CRM export.
with

contacts as (
    select * from raw.hubspot__contacts
    union all by name
    select * from raw.hubspot__contacts_by_contact_id
),

companies as (
    -- Which export is newer is not known here, but the day in its name is.
    select company_key, arg_max(company_name, (regexp_extract(file_name, '.*(\d{4}-\d{2}-\d{2})', 1), coalesce(newest_at, ''))) as known_company
    from raw.hubspot__companies
    where company_key is not null
    group by company_key
),

cleaned as (
    -- Names taken from mail headers are HTML-escaped and may begin with a stray quote.
    select
        * exclude (first_name, last_name, company, associated_company),
        trim(
            replace(replace(replace(replace(replace(
                columns('^(first_name|last_name|company|associated_company)$'),
                '&lt;', '<'), '&gt;', '>'), '&quot;', '"'), '&#39;', ''''), '&amp;', '&'),
            ' "'),
        regexp_extract(coalesce(primary_company_id, company_ids), '^([0-9]+)(?:\.0+)? *(?:[;,]|$)', 1) as company_key,
        string_split(regexp_replace(concat_ws(';', merged_vids, merged_ids, all_vids), '[, ]+', ';', 'g'), ';') as merged
    from contacts
)

select
    file_id,
    line_number,
    row_key,
    person_key,
    -- An export of an older day may name the record itself among those it was merged from.
    some_of(list_sort(list_distinct(list_filter(
        list_transform(merged, lambda part: regexp_extract(part, '^([0-9]+)(?::|$)', 1)),
        lambda id: id <> person_key)))) as alias_keys,
    some_of(list_concat(
        [email],
        list_filter(
            split_list(replace(additional_emails, ',', ';'), ';'),
            lambda address: lower(address) <> lower(coalesce(email, ''))))) as emails,
    -- The number HubSpot worked out is the one with a country code; the typed one would only be a second spelling of it.
    some_of([coalesce(calculated_phone, phone), coalesce(calculated_mobile, mobile_phone), whatsapp_phone]) as phones,
    nullif(first_name, '') as first_name,
    nullif(last_name, '') as last_name,
    -- A text property that people fill in freely; what is no date stays in the traits.
    try_cast(birth_date as date) as birth_date,
    street,
    city,
    region,
    postcode,
    country,
    coalesce(nullif(company, ''), nullif(associated_company, ''), known_company) as company,
    nullif(company_key, '') as account_ref,
    utc_text(created_on, file_zone) as created_at,
    lifecycle_stage,
    original_source as lead_source,
    -- Not having unsubscribed is no consent; only a recorded one is.
    case
        when lower(opted_out) in ('true', 'yes', '1', 'ja', 'sí', 'oui') then 'denied'
        when regexp_matches(legal_basis, '(?i)freely given consent') then 'granted'
        else 'unknown'
    end as email_consent,
    owner as owner_ref,
    nullif(json_merge_patch('{}', json_object(
        'job_title', job_title,
        'date_of_birth', case when try_cast(birth_date as date) is null then birth_date end,
        'lead_status', lead_status,
        'marketing_status', marketing_status,
        'source_detail_1', original_source_1,
        'source_detail_2', original_source_2,
        'latest_source', latest_source,
        'first_page', first_page,
        'first_conversion', first_conversion,
        'recent_conversion', recent_conversion,
        'gclid', gclid,
        'fbclid', fbclid,
        'salesforce_contact_id', salesforce_contact_id
    ))::varchar, '{}') as traits
from cleaned
left join companies using (company_key)
