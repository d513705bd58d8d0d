-- Every group, segment and experiment that the settings compare by name is seen in the data; the nearest name is beside it.
-- level: warn
-- to do: Write the value as the data has it, or leave the comparison out.
with

traits as (
    select unnest([
        {'kind': 'device_category', 'value': device_category}, {'kind': 'first_channel', 'value': first_channel},
        {'kind': 'source_medium', 'value': source_medium}, {'kind': 'campaign', 'value': campaign},
        {'kind': 'landing_page', 'value': landing_page}, {'kind': 'country', 'value': country},
        {'kind': 'started_month', 'value': strftime(started_month, '%Y-%m')}
    ], recursive := true)
    from (select distinct * exclude (journey_id) from core.journey_traits)
),

named as (
    select 'paths.compare.' || (comparison - 1) as place, 'paths.compare: ' || trait as setting, trait as kind, 0 as funnel_index, unnest([first, second]) as value
    from config.path_comparisons where trait not in ('customer_kind', 'outcome')
    union all
    select
        'funnels.' || (funnel_index - 1) || '.breakdown.' || (breakdown_index - 1), 'funnels, breakdown: ' || breakdown,
        breakdown, funnel_index, unnest([first_value, second_value])
    from config.funnel_breakdowns where first_value is not null
    union all
    select 'experiments.' || experiment, 'experiments', 'experiment', 0, experiment from config.experiments
),

seen as (
    select distinct kind, 0 as funnel_index, value from traits
    union all
    select distinct breakdown, funnel_index, breakdown_value from marts.funnel_steps where breakdown <> 'all'
    union all
    select distinct 'experiment', 0, experiment from core.experiment_exposures
)

select
    named.place,
    named.setting,
    named.value,
    arg_max(seen.value, (jaro_winkler_similarity(lower(named.value), lower(seen.value)), seen.value)) as nearest_name,
    concat(named.setting, ': nothing in the data is ', named.value, '; the nearest there is: ' || nearest_name) as finding
from named
left join seen on seen.kind = named.kind and seen.funnel_index = named.funnel_index
where exists (select 1 from core.journeys)
group by named.place, named.setting, named.value, named.funnel_index
having not coalesce(bool_or(named.value = seen.value), false)
    -- Few shops see every device, and these two are compared unless the settings say otherwise.
    and named.value not in ('mobile', 'desktop')
    and (named.setting = 'experiments' or count(seen.value) > 0)
