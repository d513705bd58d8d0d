-- One row per distinct path of channels and group of people: how often it ended with an order, and without one.
-- Journeys that are still open are left out: how they end is not known. So are journeys without a touch.
-- grain: person_group, model_codes
with

settings as (select * from config.settings),

codes as (
    select
        list(channels.model_code order by codes.channel_code) as by_code,
        max(codes.channel_code) filter (where codes.channel = 'Direct') as direct_code
    from core.channel_codes as codes
    left join core.model_channels as channels on channels.channel_code = codes.channel_code
),

closed as (
    select
        journeys.customer_id,
        journeys.outcome,
        codes.by_code,
        -- Most nights leave nothing out, and then nothing is looked for.
        case
            when settings.exclude_direct
                then coalesce(
                    nullif(list_filter(journeys.channel_codes, lambda code: code <> codes.direct_code), []),
                    journeys.channel_codes)
            else journeys.channel_codes
        end as channel_codes
    from core.journeys as journeys
    cross join codes
    cross join settings
    where journeys.outcome in ('converted', 'lost') and journeys.count_touches > 0
),

paths as (
    select
        person_group(customer_id) as person_group,
        outcome,
        list_transform(channel_codes, lambda code: by_code[code]) as model_codes
    from closed
)

select
    paths.person_group,                                    -- Group 0 to 255 of people that is drawn as one when intervals are worked out.
    paths.model_codes,                                     -- Channels in order, as numbers of core.model_channels.
    count(*) filter (where paths.outcome = 'converted') as count_converted,    -- Journeys that took it and ended with an order.
    count(*) filter (where paths.outcome = 'lost') as count_lost    -- Journeys that took it and ended without one.
from paths
group by paths.person_group, paths.model_codes
