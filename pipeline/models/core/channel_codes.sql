-- One row per channel and the small number that long tables carry instead of its name.
-- grain: channel_code
select
    cast(row_number() over (order by channel) as smallint) as channel_code,    -- Number of the channel tonight.
    channel                                                -- Name of the channel.
from (select distinct channel from core.channels)
