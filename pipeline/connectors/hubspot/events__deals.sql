-- One row per stage that a deal entered; of a deal without stage dates, the day it was made.
with

cells as (
    select
        * exclude (extra),
        unnest(map_entries(cast(cast(extra as json) as map(varchar, varchar)))) as cell
    from raw.hubspot__deals
),

labelled as (
    -- Of two columns with one label the second reads (2). The internal names are those of exports without labels.
    select
        *,
        regexp_replace(cell.key, ' \(\d+\)$', '') as label,
        cell.value as entered_on
    from cells
    where regexp_matches(cell.key, '^(Date entered ["''].*["'']( \(\d+\))?|hs_(v2_)?date_entered_.+)$')
),

named as (
    select
        *,
        case
            when starts_with(label, 'hs_') then regexp_replace(label, '^hs_(v2_)?date_entered_', '')
            else regexp_extract(label, '^Date entered ["''](.*)["'']$', 1)
        end as place
    from labelled
),

stages as (
    -- Stage and pipeline may both hold brackets: the deal's own words decide, else the last bracket is the pipeline.
    select
        *,
        case
            when place in (deal_stage, '') or starts_with(label, 'hs_') then place
            when ends_with(place, ' (' || pipeline || ')') then left(place, length(place) - length(pipeline) - 3)
            else regexp_replace(place, ' \([^()]*(\([^()]*\)[^()]*)*\)$', '')
        end as stage
    from named
    -- The same stage stands in the columns of the old and of the new kind.
    qualify row_number() over (
        partition by file_id, line_number, place
        order by starts_with(label, 'Date entered "') or starts_with(label, 'hs_v2_') desc, cell.key
    ) = 1
),

entries as (
    select file_id, line_number, 'stage ' || place as part, stage as says, entered_on, place
    from stages
    union all
    select
        deals.file_id, deals.line_number,
        case when stage_entered_on is not null then 'current stage' else 'created' end,
        case when stage_entered_on is not null then coalesce(deal_stage, 'Deal created') else 'Deal created' end,
        coalesce(stage_entered_on, created_on),
        null
    from raw.hubspot__deals as deals
    anti join stages on stages.file_id = deals.file_id and stages.line_number = deals.line_number
    where coalesce(stage_entered_on, created_on) is not null
)

select
    event_of(deals.row_key, entries.part) as event_id,
    deals.file_id,
    deals.line_number,
    deals.row_key,
    utc_text(entries.entered_on, deals.file_zone) as occurred_at,
    case
        when regexp_full_match(entries.entered_on, '\d{4}-\d\d-\d\d( 00:00(:00)?)?') then 'day'
        when regexp_matches(entries.entered_on, ':\d\d:\d\d') then 'second'
        else 'minute'
    end as time_precision,
    entries.says as event_name,
    coalesce(event_names.interaction, 'deal_stage') as interaction,
    deals.contact_key as person_key,
    nullif(regexp_extract(deals.company_ids, '^([0-9]+)(?:\.0+)? *(?:[;,]|$)', 1), '') as account_ref,
    'hubspot' as source,
    'sales' as medium,
    deals.deal_key as order_ref,
    deals.owner as agent_ref,
    nullif(json_merge_patch('{}', json_object('stage', entries.place, 'pipeline', deals.pipeline))::varchar, '{}') as detail
from entries
join raw.hubspot__deals as deals using (file_id, line_number)
left join config.event_names as event_names
    on event_names.source_system = 'hubspot' and event_names.event_name = entries.says
