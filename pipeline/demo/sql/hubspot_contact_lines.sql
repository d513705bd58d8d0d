-- One row per contact that an export of a day knows, and per record that was not merged yet: its line.
with

known as (
    select *, false as is_loser from contacts where created_at < $known_until
    union all
    select *, true from contacts where has_merged and not $is_newer and created_at < $known_until
)

select concat_ws(',',
    quoted_cell(case when is_loser then merged_id else record_id end),
    quoted_cell(first_name), quoted_cell(last_name),
    quoted_cell(case when is_loser then other_email else email end),
    quoted_cell(case when has_merged and $is_newer then other_email end),
    quoted_cell(case when is_loser then null when $is_newer then phone else earlier_phone end),
    quoted_cell(['Marta Okonjo', 'Stellan Reyes'][1 + person % 2]),
    quoted_cell(company_id), quoted_cell(company_name),
    quoted_cell(case when $is_newer then case when count_won > 0 then 'Customer' when count_deals > 0 then 'Opportunity' else 'Lead' end else 'Lead' end),
    quoted_cell(case when $is_newer and count_deals > 0 then 'In Progress' else 'New' end),
    quoted_cell('Marketing contact'),
    quoted_cell(case when $is_newer and unsubscribed then 'true' else '' end),
    quoted_cell(to_minute(local_time(created_at))),
    quoted_cell(case channel when 'Organic Search' then 'Organic search' when 'Paid Search' then 'Paid search' when 'Referral' then 'Referrals'
        when 'Direct' then 'Direct traffic' else 'Offline sources' end),
    quoted_cell(case channel when 'Organic Search' then 'Unknown keywords (SSL)' when 'Paid Search' then 'Search - Brand'
        when 'Referral' then 'townguide.example.net' when 'Direct' then 'shop.example.com/pages/wholesale' else 'CRM_UI' end),
    quoted_cell(case channel when 'Organic Search' then 'GOOGLE' else '' end),
    quoted_cell(case channel when 'Organic Search' then 'https://www.google.com/' when 'Paid Search' then 'https://www.google.com/' else '' end),
    quoted_cell(case when asked_at > 0 and asked_at < $known_until and not is_loser then 'Wholesale: Ask for an offer' end),
    quoted_cell(case when asked_at > 0 and asked_at < $known_until and not is_loser then to_minute(local_time(asked_at)) end),
    quoted_cell(case when has_merged and $is_newer then merged_id || ':' || ($known_until - 86400) || '000' end)) as line
from known
order by created_at desc, person, is_loser
