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

journeys as (
    select
        steps.path_kind,
        steps.path_codes[:settings.longest_path] as codes,
        len(steps.path_codes) > settings.longest_path as is_cut,
        journeys.outcome,
        journeys.revenue,
        journeys.duration_days,
        greatest(len(steps.path_codes), len(steps.other_codes)) as count_touches
    from core.journey_codes as steps
    join core.journeys as journeys on journeys.journey_id = steps.journey_id
    cross join settings
),

grouped as (
    select
        path_kind, codes, is_cut,
        count(*) as count_journeys,
        count(*) filter (where outcome = 'converted') as count_converted,
        count(*) filter (where outcome = 'lost') as count_lost,
        count(*) filter (where outcome = 'open') as count_open,
        sum(revenue) as revenue,
        median(duration_days) filter (where outcome = 'converted') as median_days,
        sum(count_touches) as count_touches
    from journeys
    group by path_kind, codes, is_cut
),

ranked as (
    select
        *,
        row_number() over (partition by path_kind order by count_converted desc, count_lost desc, codes, is_cut) as order_place,
        row_number() over (partition by path_kind order by count_lost desc, count_converted desc, codes, is_cut) as lost_place
    from grouped
),

listed as (
    select
        ranked.*,
        order_place > settings.most_paths and lost_place > settings.most_paths and codes <> [] as is_pooled
    from ranked
    cross join settings
),

totals as (
    select
        path_kind, is_pooled, case when not is_pooled then codes end as codes, not is_pooled and is_cut as is_cut,
        count(*) as count_paths,
        sum(count_journeys) as count_journeys,
        sum(count_converted) as count_converted,
        sum(count_lost) as count_lost,
        sum(count_open) as count_open,
        sum(revenue) as revenue,
        max(case when not is_pooled then median_days end) as median_days,
        sum(count_touches) as count_touches
    from listed
    group by all
),

shared as (
    select
        *,
        sum(count_converted) over (partition by path_kind) as all_converted,
        sum(count_lost) over (partition by path_kind) as all_lost
    from totals
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
    count_paths,                                           -- Paths in the row: 1, or how many are one row together.
    cast(count_journeys as bigint) as count_journeys,      -- Journeys that took it, open ones included.
    cast(count_converted as bigint) as count_converted,    -- Those that ended in an order.
    cast(count_lost as bigint) as count_lost,              -- Those that ended in silence.
    cast(count_open as bigint) as count_open,              -- Those that may still end in an order; not part of the rate.
    case when count_converted + count_lost > 0 then count_converted / (count_converted + count_lost) end as conversion_rate,    -- Converted among ended journeys.
    share_low(count_converted, count_converted + count_lost) as conversion_rate_low,    -- Lower end of its 95 % interval.
    share_high(count_converted, count_converted + count_lost) as conversion_rate_high,    -- Upper end of its 95 % interval.
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
