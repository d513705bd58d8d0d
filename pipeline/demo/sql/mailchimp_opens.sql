-- One row per opening of an issue, by a person or by a mail program that fetches it for them.
with

opens as (
    select person, campaign, opened_at, false as is_machine from messages where opened_at > 0
    union all
    select person, campaign, machine_opened_at, true from messages where machine_opened_at > 0
    union all
    select person, campaign, scanned_at, true from messages where scanned_at > 0
)

select person, campaign, opened_at, bool_and(is_machine) as is_machine, any_value(r.email) as email
from opens
join readers as r using (person)
group by person, campaign, opened_at
