-- No stage has more people than the stage before it.
select breakdown, breakdown_value, stage_index, count_people, previous_people
from (
    select *, lag(count_people) over (partition by breakdown, breakdown_value order by stage_index) as previous_people
    from marts.stage_conversion
)
where count_people > previous_people
