-- One row per contact of the audience.
select
    g.*,
    p.first_name,
    p.last_name,
    case
        when p.has_other_mail then split_part(p.email, '@', 1) || '.home@' || p.domain
        else mail_text(p.email, case when p.style % 100 < 12 then 1 when p.style % 100 < 16 then 2 else 0 end)
    end as email,
    case when p.has_phone and p.style % 7 < 3 then phone_text(p.phone_area, p.phone_line, p.style % 6) end as phone,
    (44000001 + g.person)::varchar as leid,
    left(md5('reader ' || g.person), 10) as euid,
    ['"Green, Herbal"', '"Gifts\, and sets, Green"', 'Black', '', ''][1 + p.style % 5] as interests,
    ['"""VIP"""', '"""Tasting room"",""VIP"""', '', '', '', ''][1 + p.style % 6] as tags,
    case when g.left_at > 0 then 'unsubscribed' when g.cleaned_at > 0 then 'cleaned' else 'subscribed' end as standing,
    c.title as last_title,
    c.unique_id as last_unique_id
from given_readers as g
join people as p using (person)
left join campaigns as c on c.campaign = g.last_campaign
