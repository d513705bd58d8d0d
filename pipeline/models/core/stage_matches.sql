-- One row per combination of system, interaction, event name and page that a stage rule fits.
-- grain: source_system, interaction, event_name, page_path
with

rules as (select * from config.stage_rules),

combinations as (
    select distinct source_system, interaction, event_name, coalesce(page_path, '') as page_path
    from validated.events
    where interaction in (select interaction from rules)
        or exists (select 1 from rules where interaction is null)
),

hits as (
    select
        combinations.source_system, combinations.interaction, combinations.event_name, combinations.page_path,
        arg_min(rules.stage, rules.rule_order) as stage
    from combinations
    join rules
        on (rules.interaction is null or rules.interaction = combinations.interaction)
        and (rules.source_system is null or rules.source_system = combinations.source_system)
        and (rules.event_name_regex is null or regexp_full_match(combinations.event_name, rules.event_name_regex))
        and (rules.page_regex is null or regexp_full_match(combinations.page_path, rules.page_regex))
    group by all
)

select
    source_system,                                         -- System of the events.
    interaction,                                           -- Interaction of the events.
    event_name,                                            -- The source's word for them.
    page_path,                                             -- Page they happened on; empty when there is none.
    stage                                                  -- Stage that the first fitting rule gives.
from hits
