-- One row per monthly total that moved and file that can have moved it; the file says how it differs from before.
-- Reads what pipeline/restate wrote: private.moved, private.file_changes and private.contributions_before.
with

families(metric, family) as (
    -- What each published total is made of.
    values ('revenue', 'revenue'), ('orders', 'orders'), ('refunded', 'refunded'), ('new_customers', 'new_customers'),
        ('orders_untracked', 'orders_untracked'), ('orders_left_out', 'orders_left_out'), ('visits', 'touchpoints'),
        ('new_people', 'touchpoints'), ('new_people', 'orders')
),

headlines as (
    select metric, month, coalesce(value_after, 0) - coalesce(value_before, 0) as change
    from private.moved
    where is_headline
),

parts as (
    -- What each file gives more or less than before.
    select
        file_id, month, metric,
        coalesce(now.value, 0) - coalesce(was.value, 0) as value,
        coalesce(now.count_rows, 0) - coalesce(was.count_rows, 0) as count_rows,
        xor(coalesce(now.fingerprint, 0), coalesce(was.fingerprint, 0)) as fingerprint
    from core.file_contributions as now
    full join private.contributions_before as was using (file_id, month, metric)
),

changed_ids as (
    select * from (select file_name, unnest([id_before, id_after]) as file_id from private.file_changes)
    where file_id is not null
),

of_changed as (
    select file_name, month, metric, sum(value) as value, sum(count_rows) as count_rows, bit_xor(fingerprint) as fingerprint
    from parts
    join changed_ids using (file_id)
    group by file_name, month, metric
    having sum(value) <> 0 or sum(count_rows) <> 0 or bit_xor(fingerprint) <> 0
),

of_others as (select * from parts anti join changed_ids using (file_id)),

acting as (
    -- A file that only gives what another one gave before, row for row, has moved nothing.
    select * from of_changed
    anti join of_others
        on of_others.month = of_changed.month and of_others.metric = of_changed.metric
        and of_others.count_rows = -of_changed.count_rows and of_others.fingerprint = of_changed.fingerprint
),

direct as (
    select headlines.metric, headlines.month, acting.file_name,
        sum(acting.value) filter (where families.metric = families.family) as value
    from headlines
    join families using (metric)
    join acting on acting.metric = families.family and acting.month = headlines.month
    group by all
),

near as (
    select distinct headlines.metric, headlines.month, acting.file_name
    from headlines
    anti join direct using (metric, month)
    join acting on acting.month = headlines.month
),

causes as (
    select *, true as is_certain from direct
    union all
    select *, null, true from near
    union all
    select headlines.metric, headlines.month, changes.file_name, null, false
    from headlines
    anti join direct using (metric, month)
    anti join near using (metric, month)
    cross join private.file_changes as changes
),

summed as (
    select metric, month, sum(value) as value, count(*) as count_files from causes group by metric, month
)

select
    causes.metric, causes.month, causes.file_name, causes.is_certain,
    coalesce(abs(summed.value - headlines.change) < 0.005, false) as is_explained,
    causes.file_name || changes.says
        || case when summed.count_files > 1 and is_explained and causes.value is not null
            then format(': {}{:,.2f}', if(causes.value > 0, '+', ''), causes.value) else '' end as says,
    row_number() over (
        partition by causes.metric, causes.month order by abs(coalesce(causes.value, 0)) desc, causes.file_name) as place
from causes
join summed using (metric, month)
join headlines using (metric, month)
join private.file_changes as changes using (file_name)
