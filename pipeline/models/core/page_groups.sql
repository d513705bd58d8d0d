-- One row per page of the site that somebody was on, and the group of pages it is a step of.
-- grain: page_path
with

pages as (
    select
        page_path,
        count(*) as count_events,
        lower(regexp_replace(regexp_extract(page_path, '^[^?#]*'), '/+', '/', 'g')) as plain_path
    from core.touchpoints
    where page_path is not null and session_id is not null and not is_machine and not is_test
    group by page_path
),

ruled as (
    select pages.page_path, arg_min(rules.page_group, rules.rule_order) as page_group
    from pages
    join config.page_groups as rules on regexp_full_match(pages.plain_path, rules.page_regex)
    group by pages.page_path
),

parted as (
    -- A language such as /en or /de-at before the rest says nothing about what the page is for.
    select
        *,
        list_filter(string_split(plain_path, '/'), lambda part: part <> '') as parts,
        parts[case when len(parts) > 1 and regexp_full_match(parts[1], '[a-z]{2}([-_][a-z]{2})?') then 2 else 1 end] as part
    from pages
)

select
    parted.page_path,                                      -- Path of the page.
    coalesce(ruled.page_group, case
        when part is null then '/'
        when regexp_full_match(part, '[0-9]+|[0-9a-f-]{8,}') and regexp_matches(part, '[0-9]') then '/:id'
        else '/' || regexp_replace(part, '[0-9]+', ':n', 'g')
    end) as page_group,                                    -- Group it belongs to: by a rule of journeys.yaml, else the first part of its path.
    ruled.page_group is not null as is_ruled,              -- A rule says so.
    parted.count_events                                    -- Events on it, by people.
from parted
left join ruled on ruled.page_path = parted.page_path
