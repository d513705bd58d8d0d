-- One row per kind of path and name of a step: the small number that stands for it in paths.
-- Channels and groups of pages beyond the most common ones share a number, and are one step that says how many they are.
-- grain: path_kind, name
with

settings as (select * from config.settings),

named as (
    select 'channel' as path_kind, codes.channel as name, count(touches.touch_id) as size, false as is_kept
    from core.channel_codes as codes
    left join core.touches as touches on touches.channel_code = codes.channel_code
    group by codes.channel
    union all
    select 'page_group', page_group, sum(count_events), false from core.page_groups group by page_group
    union all
    select 'stage', stage, -stage_index, true from config.stages where stage <> 'purchase'
    union all
    -- What is done to people, and what we have no word for, is no step of theirs; the order is the end of a path.
    select 'interaction', interaction, 0, true
    from config.interactions
    where (touch <> 'none' or stage is not null) and stage is distinct from 'purchase'
),

placed as (
    select
        named.*,
        row_number() over (partition by path_kind order by size desc, name) as place,
        count(*) over (partition by path_kind) as count_names,
        not is_kept and count_names > settings.most_path_steps and place >= settings.most_path_steps as is_pooled
    from named
    cross join settings
)

select
    path_kind,                                             -- channel, stage, page_group or interaction.
    name,                                                  -- The channel, stage, group of pages or interaction.
    cast(case when is_pooled then most_path_steps else place end as utinyint) as code,    -- Number of the step among those of its kind.
    case
        when is_pooled then case path_kind when 'channel' then '(other channels: ' else '(other pages: ' end
            || (count_names - most_path_steps + 1) || ')'
        -- Names of ours in a flow; a channel may be called anything.
        when name in ('(start)', '(conversion)', '(drop-off)', '(still open)', '(more steps)', '(nothing seen)', '(other paths)')
            then replace(path_kind, '_', ' ') || ' ' || name
        else name
    end as step,                                           -- What stands in paths.
    is_pooled                                              -- It is one of the rarer ones, which are one step together.
from placed
cross join settings
