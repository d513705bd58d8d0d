-- A journey that may still end in a purchase is never counted as lost.
select journeys.journey_id, journeys.ended_at
from core.journeys as journeys
cross join config.settings as settings
where journeys.outcome = 'lost'
    and journeys.next_started_at is null
    and journeys.ended_at + least(settings.idle_days, settings.first_order_idle_days) * interval 1 day >= settings.as_of
