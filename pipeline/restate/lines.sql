-- One row per month and causes: the published number that leads, what else moved with it, and the causes in words.
-- Reads what pipeline/restate wrote: private.moved, private.causes and private.other_causes.
with

places(metric, place) as (
    -- The order in which people ask for the totals.
    values ('revenue', 1), ('orders', 2), ('refunded', 3), ('visits', 4), ('new_customers', 5), ('new_people', 6),
        ('orders_untracked', 7), ('orders_left_out', 8)
),

of_files as (
    select metric, month, bool_and(is_certain) as is_certain, bool_and(is_explained) as is_explained,
        list(file_name order by file_name) as files, list(says order by place) as texts
    from private.causes
    group by metric, month
),

told as (
    select
        moved.metric, moved.month, moved.value_before, moved.value_after, places.place,
        coalesce(of_files.files, []) as files,
        coalesce(of_files.texts, []) as texts,
        coalesce(of_files.is_certain, true) as is_certain,
        -- What the files explain to the cent, no setting has moved.
        if(coalesce(of_files.is_explained, false), [], others.settings) as settings_changed,
        if(coalesce(of_files.is_explained, false), [], others.software) as software_changed
    from private.moved as moved
    join places using (metric)
    left join of_files on of_files.metric = moved.metric and of_files.month = moved.month
    cross join private.other_causes as others
    where moved.is_headline
),

lines as (
    select
        month, files, settings_changed, software_changed,
        arg_min({'metric': metric, 'before': value_before, 'after': value_after, 'texts': texts}, place) as headline,
        bool_and(is_certain) as is_certain,
        list(replace(metric, '_', ' ') || ' ' || format('{:,.10g}', coalesce(value_before, 0)) || ' → '
            || format('{:,.10g}', coalesce(value_after, 0)) order by place)[2:] as also_moved
    from told
    group by month, files, settings_changed, software_changed
),

details as (select month, count(*) as count_details from private.moved where not is_headline group by month),

said as (
    select
        *,
        case when not is_certain and len(files) > 1 then 'one or more of: ' else '' end
            || array_to_string(headline.texts[:5], '; ')
            || case when len(files) > 5 then format('; and {} more', len(files) - 5) else '' end as of_files,
        'settings changed: ' || array_to_string(settings_changed, ', ') as of_settings,
        'another version of the software: ' || array_to_string(software_changed[:3], ', ')
            || case when len(software_changed) > 3 then format(' and {} more', len(software_changed) - 3) else '' end
            as of_software
    from lines
)

select
    month, headline.metric as metric, headline.before as value_before, headline.after as value_after,
    last_day(month) >= (select closed_until from private.other_causes) as was_provisional,
    files, is_certain, settings_changed, software_changed,
    coalesce(nullif(concat_ws('; ', case when len(files) > 0 then of_files end,
        case when len(settings_changed) > 0 then of_settings end,
        case when len(software_changed) > 0 then of_software end), ''), 'time has passed') as because,
    also_moved, coalesce(count_details, 0) as count_details
from said
left join details using (month)
order by all
