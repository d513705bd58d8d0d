-- One row per funnel and time since its first step, in sixty parts of its window: the share converted by then.
-- grain: funnel_index, part
with

points as (
    select funnel_index, funnel, window_days, unnest(range(0, 61)) as part
    from config.funnels
    semi join core.funnel_entries using (funnel_index)
),

placed as (select *, window_days * part / 60 as days from points),

followed as (
    -- How many were seen for so long.
    select placed.funnel_index, placed.part, count(*) as count_seen
    from placed
    join core.funnel_entries as entries
        on entries.funnel_index = placed.funnel_index and entries.is_counted
    cross join config.settings
    where least(window_ends_at, as_of) >= started_at + placed.days * interval 1 day
    group by all
)

select
    placed.funnel_index,                                   -- Funnel in config.funnels.
    placed.funnel,                                         -- Name of the funnel.
    cast(placed.part as integer) as part,                  -- Part of the window.
    placed.days,                                           -- Days since the first step.
    coalesce(curves.converted_share, 0) as converted_share,    -- Share converted by then, with those still on the way counted for as long as they were seen (Kaplan and Meier 1958).
    coalesce(curves.converted_share_low, 0) as converted_share_low,    -- Lower end of its 95 % interval.
    coalesce(curves.converted_share_high, 0) as converted_share_high,    -- Upper end.
    coalesce(followed.count_seen, 0) as count_seen         -- Entries that were seen for so long.
from placed
asof left join core.funnel_curves as curves
    on curves.funnel_index = placed.funnel_index and placed.days >= curves.days
left join followed on followed.funnel_index = placed.funnel_index and followed.part = placed.part
