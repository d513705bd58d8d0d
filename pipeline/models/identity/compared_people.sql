-- One row per person record, as probable links compare it. Without rows unless they are switched on.
-- grain: node_id
with

people as (
    select *, source_system || ' ' || person_key as record
    from validated.people
    where not is_test and exists (select 1 from config.linkage)
),

numbers as (
    select
        record,
        unnest(phones) as written,
        generate_subscripts(phones, 1) as place
    from people
),

phones as (
    -- The first number of a record that can be read and is not blocked.
    select numbers.record, arg_min(known.value, (numbers.place, known.value)) as phone
    from numbers
    join identity.written_identifiers as known on known.kind = 'phone' and known.written = numbers.written
    where known.value is not null
    group by numbers.record
),

plain as (
    select
        record,
        source_system,
        coalesce(created_at, timestamp '1900-01-01') as created_at,
        row_key,
        trim(regexp_replace(lower(strip_accents(first_name)), '[^\p{L}]+', ' ', 'g'))[:60] as first_name,
        trim(regexp_replace(lower(strip_accents(last_name)), '[^\p{L}]+', ' ', 'g'))[:60] as last_name,
        birth_date,
        trim(regexp_replace(lower(strip_accents(street)), '[^\p{L}\d]+', ' ', 'g'))[:60] as street,
        trim(regexp_replace(lower(strip_accents(city)), '[^\p{L}\d]+', ' ', 'g'))[:60] as city,
        regexp_replace(regexp_replace(upper(postcode), '^(\d{5})-\d{4}$', '\1'), '[^A-Z\d]', '', 'g')[:12] as postcode
    from people
),

merged as (
    -- A record in two exports is one: of each column what the newest row says that says anything.
    select
        record,
        min(source_system) as source_system,
        -- An initial is no name to compare.
        arg_max(case when length(first_name) > 1 then first_name end, (created_at, row_key)) as first_name,
        arg_max(case when length(last_name) > 1 then last_name end, (created_at, row_key)) as last_name,
        -- 1 January is what forms fill in when nobody did.
        arg_max(
            case when birth_date > date '1900-01-01' and birth_date <> date '1970-01-01' then birth_date end,
            (created_at, row_key)) as birth_date,
        arg_max(nullif(street, ''), (created_at, row_key)) as street,
        arg_max(nullif(city, ''), (created_at, row_key)) as city,
        arg_max(nullif(postcode, ''), (created_at, row_key)) as postcode
    from plain
    group by record
)

select
    nodes.node_id,                                         -- Number of the record in identity.nodes.
    merged.record,                                         -- System and key of the record.
    merged.source_system,                                  -- System that has it.
    merged.first_name,                                     -- Given name in small letters, without accents and signs.
    merged.last_name,                                      -- Family name, likewise.
    cast(merged.birth_date as varchar) as birth_date,      -- Date of birth, YYYY-MM-DD.
    merged.street,                                         -- Street and number, likewise.
    merged.city,                                           -- Town, likewise.
    merged.postcode,                                       -- Postal code, letters and digits only.
    phones.phone                                           -- First phone number that joins anybody, E.164.
from merged
join identity.nodes as nodes on nodes.kind = 'person_key' and nodes.value = merged.record
left join phones on phones.record = merged.record
where merged.first_name is not null or merged.last_name is not null
