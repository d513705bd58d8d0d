-- One row per entry of a funnel that counts entries one after the other: the next begins after the one before has ended.
-- grain: funnel_index, entity_id, start_place, start_level
with recursive

attempts as (
    select
        attempts.*, funnels.window_days * interval 1 day as length, funnels.attempt <> 'first' as is_longest,
        start_place * 32 + start_level as own_key,
        (31 - steps_done) * 1099511627776 + start_place * 32 + start_level as best_key
    from core.funnel_attempts as attempts
    join config.funnels as funnels on funnels.funnel_index = attempts.funnel_index
    where funnels.count_unit = 'entries' and funnels.attempt <> 'all'
),

chosen as (
    -- Of those that begin within one window, the one that gets furthest stands for it.
    select
        funnel_index, entity_id, started_at, own_key,
        case
            when is_longest
                then min(best_key) over (
                    partition by funnel_index, entity_id order by started_at
                    range between current row and (length) following) % 1099511627776
            else own_key
        end as chosen_key
    from attempts
),

firsts as (
    select funnel_index, entity_id, started_at, arg_min(chosen_key, own_key) as chosen_key
    from chosen
    group by funnel_index, entity_id, started_at
),

ways as (
    select firsts.funnel_index, firsts.entity_id, firsts.started_at, chosen_key, attempts.ended_at
    from firsts
    join attempts
        on attempts.funnel_index = firsts.funnel_index and attempts.entity_id = firsts.entity_id
        and attempts.own_key = firsts.chosen_key
),

linked as (
    select ways.*, nexts.started_at as next_started_at
    from ways
    asof left join firsts as nexts
        on nexts.funnel_index = ways.funnel_index and nexts.entity_id = ways.entity_id
        and ways.ended_at < nexts.started_at
),

walked as (
    select linked.*
    from linked
    join (select funnel_index, entity_id, min(started_at) as started_at from firsts group by all)
        using (funnel_index, entity_id, started_at)
    union all
    select linked.*
    from walked
    join linked
        on linked.funnel_index = walked.funnel_index and linked.entity_id = walked.entity_id
        and linked.started_at = walked.next_started_at
)

select
    funnel_index,                                          -- Funnel in config.funnels.
    entity_id,                                             -- Who is counted.
    cast(chosen_key // 32 as integer) as start_place,      -- Place of the event the entry begins with.
    cast(chosen_key % 32 as integer) as start_level        -- Step it begins with.
from walked
