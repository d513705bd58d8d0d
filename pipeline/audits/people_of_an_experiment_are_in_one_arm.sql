-- Nobody is read in an arm of an experiment who was seen in another arm of it.
with

seen as (
    select trim(experiment) as experiment, customer_id, count(distinct trim(variant)) as count_arms
    from core.touchpoints
    where trim(experiment) <> '' and trim(variant) <> '' and customer_id is not null and not is_machine and not is_test
    group by 1, 2
)

select exposures.experiment, exposures.customer_id, count(*) as count_rows, any_value(seen.count_arms) as count_arms
from core.experiment_exposures as exposures
left join seen on seen.experiment = exposures.experiment and seen.customer_id = exposures.customer_id
group by exposures.experiment, exposures.customer_id
having count(*) > 1 or coalesce(bool_or(not exposures.is_in_several_arms and seen.count_arms is distinct from 1), true)
