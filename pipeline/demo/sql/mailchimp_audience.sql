-- One row per contact of the audience: its line of the file of its standing.
select concat_ws(',',
    cell(email), cell(first_name), cell(last_name), cell(phone), interests,
    case when standing = 'cleaned' then 1 else 2 + person % 4 end,
    case when person % 10 < 7 then '"' || to_second(utc(joined_at)) || '"' else '' end,
    case when person % 10 < 7 then '192.0.2.' || (1 + person % 250) else '' end,
    '"' || to_second(utc(joined_at + case when person % 10 < 7 then 69 else 0 end)) || '"',
    case when person % 10 < 7 then '192.0.2.' || (1 + person % 250) else '' end,
    case when person % 3 = 0 then '42.3601000' else '' end, case when person % 3 = 0 then '-71.0589000' else '' end,
    case when person % 3 = 0 then '-5' else '' end, case when person % 3 = 0 then '-4' else '' end,
    case when person % 3 = 0 then 'America/New_York' else '' end, case when person % 3 = 0 then 'US' else '' end,
    case when person % 3 = 0 then 'MA' else '' end,
    case standing
        when 'subscribed' then '"' || to_second(utc(joined_at + 3600)) || '"'
        when 'unsubscribed' then concat_ws(',', '"' || to_second(utc(left_at)) || '"', cell(last_title), last_unique_id, 'NORMAL', '')
        else concat_ws(',', '"' || to_second(utc(cleaned_at)) || '"', cell(last_title), last_unique_id)
    end,
    leid, euid, '', tags) as line
from readers
where standing = $standing
order by joined_at, person
