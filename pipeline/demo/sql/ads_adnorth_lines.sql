-- One line per day and campaign, as AdNorth exports them.
select
    concat_ws(
        ',', day, number, cell(name), if(channel = 'Display', 'Display', 'Search'), 'USD', format('{:.2f}', cents / 100),
        impressions, clicks, format('{:.2f}', claimed::double), format('{:.2f}', claimed_cents / 100)
    ) as line
from ad_report
where platform = 'AdNorth'
order by day, number
