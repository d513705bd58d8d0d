-- A flow begins with every journey, with every one of its end, or with every one that passes its anchor.
with

whole as (
    select kinds.path_kind, ends.anchor, ends.direction, count(journeys.journey_id) as count_journeys
    from (select distinct path_kind from core.taken_paths) as kinds
    cross join (
        values ('(start)', 'forward', null), ('(conversion)', 'backward', 'converted'), ('(drop-off)', 'backward', 'lost')
    ) as ends (anchor, direction, outcome)
    left join core.journeys as journeys on ends.outcome is null or journeys.outcome = ends.outcome
    group by all
    union all
    select anchors.path_kind, anchors.anchor, directions.direction, anchors.count_journeys
    from marts.path_anchors as anchors
    cross join (values ('forward'), ('backward')) as directions (direction)
),

begun as (
    select path_kind, anchor, direction, sum(count_journeys) as count_begun
    from marts.path_transitions
    where step = 1
    group by all
)

select path_kind, anchor, direction, count_journeys, count_begun
from whole
full join begun using (path_kind, anchor, direction)
where coalesce(count_journeys, 0) <> coalesce(count_begun, 0)
