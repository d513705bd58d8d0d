-- Of a funnel that counts people, losses are told of just those its steps hold: who got to each, and who went on.
with steps as (
    select
        steps.funnel_index, steps.level, steps.step, count_complete as count_reached,
        lead(count_went_on) over (partition by steps.funnel_index order by steps.level) as count_went_on
    from marts.funnel_steps as steps
    join config.funnels as funnels on funnels.funnel_index = steps.funnel_index and count_unit = 'people'
    where breakdown = 'all'
),

told as (
    select basis, stage_index, sum(count_reached) as count_reached, sum(count_went_on) as count_went_on
    from marts.lost_revenue
    where breakdown = 'device'
    group by basis, stage_index
)

select
    steps.funnel_index, steps.step, steps.count_reached, told.count_reached as count_told, steps.count_went_on,
    told.count_went_on as count_told_on
from steps
join core.funnel_steps as declared
    on declared.funnel_index = steps.funnel_index and declared.level = steps.level and declared.is_on_the_way
left join told on told.basis = 'funnel ' || steps.funnel_index and told.stage_index = steps.level
where coalesce(told.count_reached, 0) <> steps.count_reached or coalesce(told.count_went_on, 0) <> coalesce(steps.count_went_on, 0)
