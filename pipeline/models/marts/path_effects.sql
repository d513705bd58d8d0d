-- One row per kind of path and conclusion: whether it holds both with repeated steps and with each run of them as one.
-- grain: path_kind, conclusion
with

settings as (select * from config.settings),

names as (
    select path_kind, list(step order by code) as names
    from (select distinct path_kind, code, step from core.path_nodes)
    group by path_kind
),

paths as (
    select path_kind, is_collapsed, codes[:settings.longest_path] as codes, len(codes) as size, outcome, count(*) as journeys
    from (
        select steps.path_kind, journeys.outcome,
            unnest([path_collapse_repeats, not path_collapse_repeats]) as is_collapsed,
            unnest([steps.path_codes, steps.other_codes]) as codes
        from core.journey_codes as steps
        join core.journeys as journeys on journeys.journey_id = steps.journey_id
        cross join settings
        where journeys.outcome <> 'open'
    )
    cross join settings
    group by all
),

said as (
    select path_kind, is_collapsed, case outcome when 'converted' then 'path_to_order' else 'path_to_drop_off' end as conclusion,
        codes, sum(journeys) as hits
    from paths group by all
    union all
    select path_kind, is_collapsed, 'passage', cast([part // 256, part % 256] as utinyint[]), sum(journeys)
    from (
        select path_kind, is_collapsed, journeys,
            unnest(list_distinct(list_transform(range(1, len(codes)), lambda i: cast(codes[i] as integer) * 256 + codes[i + 1]))) as part
        from paths
        where len(codes) > 1
    )
    group by path_kind, is_collapsed, part
    union all
    select path_kind, is_collapsed, 'several_steps', [], coalesce(sum(journeys) filter (where size > 1), 0)
    from paths where outcome = 'converted' group by all
),

cases as (
    select path_kind, is_collapsed, conclusion, sum(journeys) as cases
    from paths
    join (values ('path_to_order', 'converted'), ('path_to_drop_off', 'lost'), ('passage', null), ('several_steps', 'converted'))
        as wanted (conclusion, outcome) on wanted.outcome is null or wanted.outcome = paths.outcome
    group by all
),

first as (
    select path_kind, is_collapsed, conclusion, min(codes) as codes, any_value(hits) as hits
    from said
    semi join (select path_kind, is_collapsed, conclusion, max(hits) as hits from said group by all) as most
        using (path_kind, is_collapsed, conclusion, hits)
    group by path_kind, is_collapsed, conclusion
),

both_ways as (
    select
        path_kind, conclusion,
        any_value(codes) filter (where is_collapsed) as codes,
        any_value(codes) filter (where not is_collapsed) as kept_codes,
        coalesce(any_value(hits) filter (where is_collapsed), 0) as hits,
        coalesce(any_value(hits) filter (where not is_collapsed), 0) as kept_hits,
        max(cases) as cases
    from cases
    left join first using (path_kind, is_collapsed, conclusion)
    group by path_kind, conclusion
)

select
    both_ways.path_kind,                                   -- channel, stage, page_group or interaction.
    conclusion,                                            -- path_to_order, path_to_drop_off: the most common one; passage: the most common from a step to the next; several_steps: orders after more than one step.
    list_transform(codes, lambda code: names.names[code]) as path,    -- Its steps where a run of equal steps is one.
    list_transform(kept_codes, lambda code: names.names[code]) as kept_path,    -- Its steps where repeats are kept.
    cast(cases as bigint) as count_cases,                  -- Ended journeys that the shares are of: with an order, lost, or both.
    cast(hits as bigint) as count_hits,                    -- Those for which it is so where a run is one.
    hits / cases as hits_share,                            -- Share of them.
    share_low(hits, cases) as hits_share_low,              -- Lower end of its 95 % interval.
    share_high(hits, cases) as hits_share_high,            -- Upper end.
    cast(kept_hits as bigint) as kept_hits,                -- Those for which it is so where repeats are kept.
    kept_hits / cases as kept_share,                       -- Share of them.
    share_low(kept_hits, cases) as kept_share_low,         -- Lower end of its 95 % interval.
    share_high(kept_hits, cases) as kept_share_high,       -- Upper end.
    case
        when cases < guard_n then 'too few to say'
        when conclusion <> 'several_steps' then case when codes is not distinct from kept_codes then 'holds' else 'changes' end
        when least(share_low(hits, cases), share_low(kept_hits, cases)) > 0.5
            or greatest(share_high(hits, cases), share_high(kept_hits, cases)) < 0.5 then 'holds'
        when share_low(hits, cases) > 0.5 or share_high(hits, cases) < 0.5
            or share_low(kept_hits, cases) > 0.5 or share_high(kept_hits, cases) < 0.5 then 'changes'
        else 'too close to say'
    end as verdict                                         -- holds: the same path leads, or orders after several steps are on the same side of half, both ways; changes; too few or too close to say.
from both_ways
join names on names.path_kind = both_ways.path_kind
cross join settings
