-- Every channel with credit has one verdict, and so have all channels together.
with

expected as (
    select channel from marts.attribution_intervals
    union
    select '(all channels)'
),

judged as (
    select channel, count(*) as count_verdicts
    from marts.attribution_verdicts
    group by channel
)

select coalesce(expected.channel, judged.channel) as channel, coalesce(judged.count_verdicts, 0) as count_verdicts
from expected
full join judged on judged.channel = expected.channel
where expected.channel is null or judged.channel is null or judged.count_verdicts <> 1
