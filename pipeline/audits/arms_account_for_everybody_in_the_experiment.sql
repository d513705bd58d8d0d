-- Of every experiment: the people read, those whose days are not over and those in several arms are all who were seen.
with

seen as (
    select trim(experiment) as experiment, count(distinct customer_id) as people
    from core.touchpoints
    where trim(experiment) <> '' and trim(variant) <> '' and customer_id is not null and not is_machine and not is_test
    group by 1
),

told as (
    select experiment, metric, sum(count_people + count_not_over) + max(count_several) as people
    from marts.experiments
    group by experiment, metric
),

metrics as (select unnest(['conversion', 'revenue']) as metric)

select coalesce(seen.experiment, told.experiment) as experiment, coalesce(metrics.metric, told.metric) as metric, seen.people, told.people as people_told
from seen
cross join metrics
full join told on told.experiment = seen.experiment and told.metric = metrics.metric
where seen.people is distinct from told.people
