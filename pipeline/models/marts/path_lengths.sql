-- One row per kind of path, with and without repeats, kind of customer and number of steps: how many journeys have so many.
-- grain: path_kind, is_collapsed, customer_kind, count_steps
with

settings as (select * from config.settings),

lengths as (
    select journey_id, path_kind, path_collapse_repeats as is_collapsed, len(path_codes) as count_steps
    from core.journey_codes cross join settings
    union all
    select journey_id, path_kind, not path_collapse_repeats, len(other_codes)
    from core.journey_codes cross join settings
)

select
    lengths.path_kind,                                     -- channel, stage, page_group or interaction.
    lengths.is_collapsed,                                  -- Equal steps in a row count as one.
    traits.customer_kind,                                  -- new, or returning: the customer had ordered before.
    lengths.count_steps,                                   -- Steps; 0 when nothing of the kind was seen.
    count(*) as count_journeys,                            -- Journeys with so many, open ones included.
    count(*) filter (where journeys.outcome = 'converted') as count_converted,    -- Those that ended in an order.
    count(*) filter (where journeys.outcome = 'lost') as count_lost,    -- Those that ended in silence.
    count(*) filter (where journeys.outcome = 'open') as count_open    -- Those that may still grow longer, and end in an order.
from lengths
join core.journeys as journeys on journeys.journey_id = lengths.journey_id
join core.journey_traits as traits on traits.journey_id = lengths.journey_id
group by lengths.path_kind, lengths.is_collapsed, traits.customer_kind, lengths.count_steps
