-- One row per customer, day and what they were exposed to on it: channels, interactions, stages, pages, devices.
-- grain: customer_id, day, kind, driver
with

happened as not materialized (
    -- Opens are left out because machines make many of them, purchases because they are what is asked for.
    select customer_id, occurred_at, interaction, coalesce(stage, '') as stage, coalesce(page_path, '') as page, coalesce(device_category, '') as device
    from core.touchpoints
    where customer_id is not null and not is_machine and not is_test and stage is distinct from 'purchase'
        and interaction not in ('other', 'return', 'email_open', 'purchase', 'store_purchase')
),

combined as (
    -- Few of these differ; each is taken apart once.
    select interaction, stage, page, device, count(*) as events, row_number() over (order by interaction, stage, page, device) as code
    from happened
    group by interaction, stage, page, device
),

channels as (
    select channel_code, channel, count(*) as events from core.touches group by channel_code, channel
),

named as (
    select code, events, unnest([
        {'kind': 'interaction', 'driver': interaction},
        {'kind': 'stage', 'driver': stage},
        {'kind': 'page', 'driver': page},
        {'kind': 'device', 'driver': device}
    ], recursive := true)
    from combined
    union all
    select -channel_code, events, 'channel', channel from channels
),

most as (
    -- What few were exposed to could not be told from chance.
    select kind, driver, cast(row_number() over (order by kind, driver) as smallint) as driver_code
    from named
    where driver <> ''
    group by kind, driver
    qualify row_number() over (partition by kind order by sum(events) desc, driver) <= 16
),

days as (
    -- Zones lie whole quarters of an hour apart; each quarter is looked up once.
    select quarter, cast(timezone(settings.reporting_zone, timezone('UTC', quarter)) as date) as day
    from (
        select distinct time_bucket(interval 15 minute, occurred_at) as quarter
        from (select occurred_at from happened union all select occurred_at from core.touches)
    )
    cross join config.settings as settings
),

coded as (
    select happened.customer_id, days.day, combined.code
    from happened
    join combined using (interaction, stage, page, device)
    join days on days.quarter = time_bucket(interval 15 minute, happened.occurred_at)
    group by all
    union all
    select touches.customer_id, days.day, -touches.channel_code
    from core.touches as touches
    join days on days.quarter = time_bucket(interval 15 minute, touches.occurred_at)
    group by all
),

told as (
    select distinct coded.customer_id, coded.day, most.driver_code
    from coded
    join named on named.code = coded.code
    join most on most.kind = named.kind and most.driver = named.driver
)

select
    told.customer_id,                                      -- Customer.
    told.day,                                              -- The day, in the reporting zone; those with a touch are windows in core.exposure_windows.
    most.kind,                                             -- channel, interaction, stage, page or device.
    most.driver                                            -- The channel, interaction, stage, path of the page, or device; the 16 most frequent of each kind.
from told
join most on most.driver_code = told.driver_code
