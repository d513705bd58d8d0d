-- One row per kind of path and path: the steps of a journey in order, up to the order it ends in.
-- The most common ones to an order and to a drop-off stand alone; all others are one row, so that every journey counts once.
-- grain: path_kind, path, is_cut
with

settings as (select * from config.settings),

names as (
    select path_kind, list(step order by code) as names
    from (select distinct path_kind, code, step from core.path_nodes)
    group by path_kind
),

paths as (
    -- Only paths that are cut may become equal.
    select path_kind, path_codes as codes, false as is_cut, count_journeys, count_converted, count_lost, revenue, count_touches
    from core.taken_paths cross join settings where len(path_codes) <= longest_path
    union all
    select
        path_kind, path_codes[:longest_path] as codes, true, sum(count_journeys), sum(count_converted), sum(count_lost),
        sum(revenue), sum(count_touches)
    from core.taken_paths cross join settings where len(path_codes) > longest_path group by path_kind, codes
),

ahead as (
    -- Many paths have the same counts: few need be sorted to find those that stand alone.
    select
        path_kind, count_converted, count_lost,
        sum(count(*)) over (partition by path_kind order by count_converted desc, count_lost desc) - count(*) as before_by_orders,
        sum(count(*)) over (partition by path_kind order by count_lost desc, count_converted desc) - count(*) as before_by_losses
    from paths
    group by path_kind, count_converted, count_lost
),

alone as (
    select paths.*
    from paths
    join ahead using (path_kind, count_converted, count_lost)
    cross join settings
    where before_by_orders < most_paths or before_by_losses < most_paths or len(codes) = 0
    window
        by_orders as (partition by path_kind, before_by_orders < most_paths order by count_converted desc, count_lost desc, codes, is_cut),
        by_losses as (partition by path_kind, before_by_losses < most_paths order by count_lost desc, count_converted desc, codes, is_cut)
    qualify len(codes) = 0
        or before_by_orders < most_paths and row_number() over by_orders <= most_paths
        or before_by_losses < most_paths and row_number() over by_losses <= most_paths
),

converted as materialized (
    select path_kind, steps.journey_id, path_codes[:longest_path] as codes, len(path_codes) > longest_path as is_cut, duration_days
    from core.journey_codes as steps
    join core.journeys as journeys on journeys.journey_id = steps.journey_id
    cross join settings
    where journeys.outcome = 'converted'
),

medians as (
    select path_kind, codes, is_cut, median(duration_days) as median_days
    from (
        select path_kind, codes, is_cut, duration_days from converted semi join alone using (path_kind, codes, is_cut)
        union all
        select alone.path_kind, [], false, journeys.duration_days
        from core.journeys as journeys
        join alone on len(alone.codes) = 0
        anti join converted on converted.path_kind = alone.path_kind and converted.journey_id = journeys.journey_id
        where journeys.outcome = 'converted'
    )
    group by path_kind, codes, is_cut
),

totals as (
    select alone.*, false as is_pooled, 1 as count_paths, medians.median_days
    from alone left join medians using (path_kind, codes, is_cut)
    union all
    -- What does not stand alone is all, less what does.
    select
        path_kind, null, false, sum(sign * count_journeys), sum(sign * count_converted), sum(sign * count_lost),
        sum(sign * revenue), sum(sign * count_touches), true, sum(sign), null
    from (select *, 1 as sign from paths union all select *, -1 from alone)
    group by path_kind
    having sum(sign) > 0
),

shared as (
    select *, sum(count_converted) over every as all_converted, sum(count_lost) over every as all_lost
    from totals window every as (partition by path_kind)
)

select
    shared.path_kind,                                      -- What its steps are: channel, stage, page_group or interaction.
    case
        when is_pooled then ['(other paths)']
        when len(codes) = 0 then ['(nothing seen)']
        else list_transform(codes, lambda code: names.names[code])
    end as path,                                           -- Steps in order; of a long path the first ones.
    case when not is_pooled then len(codes) end as count_steps,    -- Steps listed; null for paths that are one row together.
    is_cut,                                                -- It goes on: only its first steps are listed.
    is_pooled,                                             -- All less common paths together.
    cast(count_paths as bigint) as count_paths,            -- Paths in the row: 1, or how many are one row together.
    cast(count_journeys as bigint) as count_journeys,      -- Journeys that took it, open ones included.
    cast(count_converted as bigint) as count_converted,    -- Those that ended in an order.
    cast(count_lost as bigint) as count_lost,              -- Those that ended in silence.
    cast(count_journeys - count_converted - count_lost as bigint) as count_open,    -- Those that may still end in an order; not part of the rate.
    case when (is_pooled or len(codes) > 0) and count_converted + count_lost > 0 then count_converted / (count_converted + count_lost) end as conversion_rate,    -- Converted among ended journeys; null where nothing was seen, for who is not seen and buys nothing leaves no journey.
    case when is_pooled or len(codes) > 0 then share_low(count_converted, count_converted + count_lost) end as conversion_rate_low,    -- Lower end of its 95 % interval.
    case when is_pooled or len(codes) > 0 then share_high(count_converted, count_converted + count_lost) end as conversion_rate_high,    -- Upper end of its 95 % interval.
    cast(all_converted as bigint) as all_converted,        -- All journeys with an order: n of the next share.
    case when all_converted > 0 then count_converted / all_converted end as converted_share,    -- Its share of all journeys with an order.
    share_low(count_converted, all_converted) as converted_share_low,    -- Lower end of its 95 % interval.
    share_high(count_converted, all_converted) as converted_share_high,    -- Upper end.
    cast(all_lost as bigint) as all_lost,                  -- All lost journeys: n of the next share.
    case when all_lost > 0 then count_lost / all_lost end as lost_share,    -- Its share of all lost journeys.
    share_low(count_lost, all_lost) as lost_share_low,     -- Lower end of its 95 % interval.
    share_high(count_lost, all_lost) as lost_share_high,   -- Upper end.
    cast(revenue as decimal(18, 4)) as revenue,            -- Revenue of their orders, in the reporting currency.
    median_days,                                           -- Median days from first touch to order, of converted journeys; null for paths that are one row together.
    count_touches / count_journeys as mean_touches         -- Mean number of steps, repeats included.
from shared
left join names on names.path_kind = shared.path_kind
