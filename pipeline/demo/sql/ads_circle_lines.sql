-- One line per day and campaign, as Circle exports them.
select
    concat_ws(
        ',', quoted_cell(day::varchar), quoted_cell(day::varchar), quoted_cell(name), quoted_cell(format('{:.2f}', cents / 100)),
        quoted_cell(impressions::varchar), quoted_cell(clicks::varchar),
        quoted_cell(if(claimed = 0, '', claimed::varchar)), quoted_cell(if(claimed = 0, '', format('{:.2f}', claimed_cents / 100)))
    ) as line
from ad_report
where platform = 'Circle'
order by day desc, number
