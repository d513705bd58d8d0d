-- One row per channel with touches: the channel that Markov and Shapley take it for; the smallest are one together.
-- grain: channel_code
with

counted as (
    select
        channel_code,
        count(*) as count_touches,
        count(*) over () as count_channels
    from core.touches
    group by channel_code
),

ranked as (
    select
        counted.*,
        codes.channel,
        row_number() over (order by counted.count_touches desc, codes.channel) as place
    from counted
    join core.channel_codes as codes on codes.channel_code = counted.channel_code
),

named as (
    select
        ranked.*,
        settings.most_channels as most,
        ranked.count_channels > settings.most_channels and ranked.place >= settings.most_channels as is_pooled
    from ranked
    cross join config.settings as settings
)

select
    channel_code,                                          -- Channel in core.channel_codes.
    cast(least(place, most) as smallint) as model_code,    -- Its number in paths and sets: 1 is the channel with most touches.
    case when is_pooled then '(other channels)' else channel end as model_channel,    -- The name under that number.
    is_pooled,                                             -- Its number stands for several channels.
    count_touches                                          -- Its touches.
from named
