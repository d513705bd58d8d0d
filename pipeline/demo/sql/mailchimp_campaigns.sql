-- One row per issue: its line of the campaigns report.
with

counted as (
    select
        campaign,
        count(*) as recipients,
        count(*) filter (where is_bounce) as bounces,
        count(*) filter (where unsubscribed_at > 0) as left_count
    from messages group by campaign
),

opened as (select campaign, count(*) as opens, count(distinct person) as openers from opens group by campaign),

clicked as (select campaign, count(*) as clicks, count(distinct person) as clickers from clicks group by campaign)

select concat_ws(',',
    cell(title), cell(subject), 'Fernhollow readers',
    '"' || strftime(utc(sent_at), '%b %d, %Y %I:%M ') || lower(strftime(utc(sent_at), '%p')) || '"', 'Thursday',
    recipients, recipients - bounces, 0, bounces, bounces, 0, 0,
    coalesce(openers, 0), format('{:.2f}%', 100.0 * coalesce(openers, 0) / greatest(1, recipients - bounces)), coalesce(opens, 0),
    coalesce(clickers, 0), format('{:.2f}%', 100.0 * coalesce(clickers, 0) / greatest(1, recipients - bounces)), coalesce(clicks, 0),
    left_count, 0, 0, '', unique_id, 'n/a', 'n/a', 'n/a', 'n/a', 'n/a', 'n/a', 'n/a', 'n/a', 'n/a', 'n/a', 'n/a', 'n/a', 'n/a', 'n/a',
    'n/a', 'n/a', 'n/a') as line
from campaigns
join counted using (campaign)
left join opened using (campaign)
left join clicked using (campaign)
where sent_at > 0
order by sent_at desc
