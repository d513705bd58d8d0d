-- The paths of every kind, and their lengths, count every journey once.
with

journeys as (
    select
        kinds.path_kind, count(journeys.journey_id) as count_journeys,
        count(*) filter (where journeys.outcome = 'converted') as count_converted,
        count(*) filter (where journeys.outcome = 'lost') as count_lost
    from (select distinct path_kind from core.path_nodes union select 'channel') as kinds
    left join core.journeys as journeys on true
    group by kinds.path_kind
),

told as (
    select 'paths' as told_in, path_kind, count_journeys, count_converted, count_lost from marts.journey_paths
    union all
    select 'lengths', path_kind, count_journeys, count_converted, count_lost from marts.path_lengths where is_collapsed
    union all
    select 'lengths with repeats', path_kind, count_journeys, count_converted, count_lost
    from marts.path_lengths where not is_collapsed
),

summed as (
    select
        ways.told_in, journeys.path_kind, journeys.count_journeys, journeys.count_converted, journeys.count_lost,
        coalesce(sum(told.count_journeys), 0) as told_journeys, coalesce(sum(told.count_converted), 0) as told_converted,
        coalesce(sum(told.count_lost), 0) as told_lost
    from journeys
    cross join (values ('paths'), ('lengths'), ('lengths with repeats')) as ways (told_in)
    left join told on told.path_kind = journeys.path_kind and told.told_in = ways.told_in
    group by all
)

select *
from summed
where count_journeys <> told_journeys or count_converted <> told_converted or count_lost <> told_lost
