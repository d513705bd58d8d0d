-- One row per click on a link of an issue, by a person or by a scanner that follows them all.
with

links as (
    select campaign, link, 'https://shop.example.com' || path || landing_query('utm', source, medium, utm_campaign, '') as url
    from campaigns
    cross join (select unnest(range(3)) as link, unnest($paths) as path)
    union all
    select campaign, 3, 'https://recipes.example.org/iced-tea' || landing_query('utm', source, medium, utm_campaign, '') from campaigns
),

clicks as (
    select person, campaign, clicked_at as clicked_at, case when is_offsite then 3 else link end as link, false as is_machine
    from messages where clicked_at > 0
    union all
    select person, campaign, clicked_at + clicked_again_at, case when is_offsite then 3 else (link + 1) % 3 end, false
    from messages where clicked_at > 0 and clicked_again_at > 0
    union all
    select person, campaign, scanned_at + spot // 2, spot, true
    from messages, (select unnest(range(4)) as spot) where scanned_at > 0
)

select c.person, c.campaign, c.clicked_at, c.is_machine, l.url, r.email
from clicks as c
join links as l using (campaign, link)
join readers as r using (person)
