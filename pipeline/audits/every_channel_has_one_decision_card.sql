-- Every channel with credit or spend has one card with a next step, and none on too few orders is graded above D.
with

expected as (
    select distinct channel from marts.returns where level = 'channel' and channel <> 'No tracked touchpoint'
)

select coalesce(expected.channel, cards.channel) as channel, cards.next_step, cards.rule, cards.grade, cards.count_orders
from expected
full join marts.decision_cards as cards on cards.channel = expected.channel
cross join config.settings as settings
where expected.channel is null or cards.channel is null
    or cards.next_step not in ('keep', 'test', 'cut', 'measure') or cards.rule is null
    or (cards.count_orders < settings.guard_n and cards.grade <> 'D')
