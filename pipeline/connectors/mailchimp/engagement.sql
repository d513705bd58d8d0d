-- One row per campaign and metric of the campaigns report.
with

metrics as (
    select
        *,
        unnest([
            {'name': 'Total Recipients', 'cell': "Total Recipients", 'unit': 'people'},
            {'name': 'Successful Deliveries', 'cell': "Successful Deliveries", 'unit': 'count'},
            {'name': 'Soft Bounces', 'cell': "Soft Bounces", 'unit': 'count'},
            {'name': 'Hard Bounces', 'cell': "Hard Bounces", 'unit': 'count'},
            {'name': 'Total Bounces', 'cell': "Total Bounces", 'unit': 'count'},
            {'name': 'Times Forwarded', 'cell': "Times Forwarded", 'unit': 'count'},
            {'name': 'Forwarded Opens', 'cell': "Forwarded Opens", 'unit': 'count'},
            {'name': 'Unique Opens', 'cell': "Unique Opens", 'unit': 'people'},
            {'name': 'Open Rate', 'cell': "Open Rate", 'unit': 'share'},
            {'name': 'Total Opens', 'cell': "Total Opens", 'unit': 'count'},
            {'name': 'Unique Clicks', 'cell': "Unique Clicks", 'unit': 'people'},
            {'name': 'Click Rate', 'cell': "Click Rate", 'unit': 'share'},
            {'name': 'Total Clicks', 'cell': "Total Clicks", 'unit': 'count'},
            {'name': 'Unsubscribes', 'cell': "Unsubscribes", 'unit': 'people'},
            {'name': 'Abuse Complaints', 'cell': "Abuse Complaints", 'unit': 'count'},
            {'name': 'Times Liked on Facebook', 'cell': "Times Liked on Facebook", 'unit': 'count'},
            {'name': 'Total Orders', 'cell': "Total Orders", 'unit': 'count'},
            {'name': 'Total Gross Sales', 'cell': "Total Gross Sales", 'unit': 'money'},
            {'name': 'Total Revenue', 'cell': "Total Revenue", 'unit': 'money'},
            {'name': 'Campaign Cost', 'cell': "Campaign Cost", 'unit': 'money'},
            {'name': 'Visits', 'cell': "Visits", 'unit': 'count'},
            {'name': 'New Visits', 'cell': "New Visits", 'unit': 'count'},
            {'name': 'Transactions', 'cell': "Transactions", 'unit': 'count'}
        ]) as metric
    from raw.mailchimp__campaigns
)

select
    file_id,
    line_number,
    row_key,
    'mailchimp' as platform,
    sent_on as starts_on,
    'campaign' as object_kind,
    coalesce("Unique Id", "Title") as object_ref,
    "Title" as object_name,
    metric.name as metric,
    case
        when metric.unit = 'share' and ends_with(metric.cell, '%')
        then coalesce((try_cast(replace(rtrim(metric.cell, '% '), ',', '') as double) / 100)::varchar, metric.cell)
        else money_text(metric.cell, file_decimal_mark)
    end as value,
    metric.unit as unit,
    true as is_lifetime
from metrics
-- Shops and Google Analytics that are not connected say n/a. The number of recipients is always there, so every campaign
-- has a row; one that will be rejected for its date needs no more than that.
where metric.name = 'Total Recipients' or (sent_at is not null and coalesce(lower(metric.cell), 'n/a') <> 'n/a')
