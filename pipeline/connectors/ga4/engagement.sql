-- One row per data row and metric of an interface report.
with

pairs as (
    select *, unnest(json_keys(cells)) as label
    from raw.ga4__ui_report
),

cut as (
    select *, json_extract_string(cells, '$."' || replace(label, '"', '\"') || '"') as cell
    from pairs
    where label <> first_label and label <> 'Nth day'
),

numbers as (
    select *
    from cut
    where try_cast(cell as double) is not null
),

words as (
    select file_id, line_number, string_agg(label || ': ' || cell, ', ' order by label) as breakdown
    from cut
    where try_cast(cell as double) is null and cell <> ''
    group by file_id, line_number
)

select
    numbers.file_id,
    numbers.line_number,
    numbers.row_key,
    'ga4' as platform,
    strptime(starts_on, '%Y%m%d')::date as starts_on,
    strptime(ends_on, '%Y%m%d')::date as ends_on,
    lower(first_label) as object_kind,
    coalesce(nullif(json_extract_string(cells, '$."' || replace(first_label, '"', '\"') || '"'), ''), '(not set)') as object_ref,
    coalesce(words.breakdown, 'none') || case when table_number <> '1' then ' (table ' || table_number || ')' else '' end as breakdown,
    label as metric,
    cell as value,
    case
        when regexp_matches(label, '(?i)rate$') then 'share'
        when regexp_matches(label, '(?i)time') then 'seconds'
        when regexp_matches(label, '(?i)revenue|value') then 'money'
        when regexp_matches(label, '(?i)^(total |active |new |returning )?users$') then 'people'
        else 'count'
    end as unit
from numbers
left join words using (file_id, line_number)
