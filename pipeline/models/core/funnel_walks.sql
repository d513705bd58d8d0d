-- One row per start of a plain funnel and later step done within the window: the earliest that follows the step before.
-- A step follows when it is not more than the grace earlier.
-- grain: funnel_index, entity_id, start_us, level
with recursive

funnels as (
    select
        funnel_index, count_levels,
        epoch_us(grace_seconds * interval 1 second) as grace, epoch_us(window_days * interval 1 day) as length
    from config.funnels
    join (select funnel_index, max(level) as count_levels from core.funnel_steps where is_plain group by funnel_index)
        using (funnel_index)
),

begun as (
    select starts.funnel_index, starts.entity_id, starts.start_us, funnels.grace, starts.start_us + funnels.length as until_us
    from core.funnel_starts as starts
    join funnels on funnels.funnel_index = starts.funnel_index
    anti join (select funnel_index, entity_id from core.funnel_starts where is_crowded) as crowded
        on crowded.funnel_index = starts.funnel_index and crowded.entity_id = starts.entity_id
),

done as materialized (
    select funnel_index, entity_id, level, epoch_us(occurred_at) as us
    from core.funnel_actions
    where is_plain and level > 2
),

walked as (
    select
        begun.funnel_index, begun.entity_id, begun.start_us, 2 as level, min(epoch_us(done.occurred_at)) as us,
        greatest(min(epoch_us(done.occurred_at)), begun.start_us) as latest_us,
        greatest(min(epoch_us(done.occurred_at)), begun.start_us) - begun.start_us as waited_us
    from begun
    join core.funnel_actions as done
        on done.funnel_index = begun.funnel_index and done.entity_id = begun.entity_id and done.is_plain and done.level = 2
        and epoch_us(done.occurred_at) >= begun.start_us - begun.grace and epoch_us(done.occurred_at) <= begun.until_us
    group by begun.funnel_index, begun.entity_id, begun.start_us
    union all
    select
        walked.funnel_index, walked.entity_id, walked.start_us, any_value(walked.level) + 1, min(done.us),
        greatest(min(done.us), any_value(walked.latest_us)),
        greatest(min(done.us), any_value(walked.latest_us)) - any_value(walked.latest_us)
    from (select * from walked where level < 20) as walked
    join funnels on funnels.funnel_index = walked.funnel_index and walked.level < funnels.count_levels
    join done
        on done.funnel_index = walked.funnel_index and done.entity_id = walked.entity_id and done.level = walked.level + 1
        and done.us >= walked.us - funnels.grace and done.us <= walked.start_us + funnels.length
    group by walked.funnel_index, walked.entity_id, walked.start_us
)

select
    funnel_index,                                          -- Funnel in config.funnels.
    entity_id,                                             -- Who is counted: the customer, or the visit.
    start_us,                                              -- When its first step was done, in microseconds since 1970, UTC.
    level,                                                 -- Step; 2 or later.
    us,                                                    -- When it was done; the grace may let it be earlier than the one before.
    latest_us,                                             -- When the latest of the steps until here was done.
    waited_us                                              -- Microseconds by which that is later than the latest of those before.
from walked
