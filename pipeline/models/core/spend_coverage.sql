-- One row per channel, per platform, or for all, and day on which its spend and orders can be compared: exports of both cover it.
-- grain: channel, platform, day
with

settings as (select * from config.settings),

books as (
    select
        min(cast(timezone(settings.reporting_zone, timezone('UTC', orders.ordered_at)) as date)) as first_day,
        any_value(cast(timezone(settings.reporting_zone, timezone('UTC', settings.as_of)) as date)) as last_day
    from core.orders as orders
    cross join settings
    where orders.is_conversion
),

files as (
    -- A file covers every day from its first to its last row: a day between without a row is one without spend.
    select source_system, platform, account_ref, file_id, min(starts_on) as first_day, max(ends_on) as last_day
    from core.spend
    group by all
),

covered as (
    select distinct
        files.source_system,
        files.platform,
        files.account_ref,
        cast(unnest(range(greatest(files.first_day, books.first_day), least(files.last_day, books.last_day) + 1, interval 1 day)) as date) as day
    from files
    cross join books
    where books.first_day is not null
),

spending as (
    select distinct
        unnest([channel, '(all channels)', '(all channels)']) as channel,
        unnest(['(all platforms)', platform, '(all platforms)']) as platform,
        source_system, platform as own_platform, account_ref
    from core.spend
),

accounts as (select channel, platform, count(*) as count_accounts from spending group by all)

select
    spending.channel,                                      -- Channel that money was spent on; (all channels) for any of them.
    spending.platform,                                     -- Platform, whatever it spends on; (all platforms) for any of them.
    covered.day,                                           -- Day.
    count(*) as count_covering,                            -- Platforms and accounts that cover the day.
    any_value(accounts.count_accounts) as count_accounts,  -- All there are.
    count(*) < any_value(accounts.count_accounts) as is_partial    -- The spend of some of them is not known for the day.
from covered
join spending
    on spending.source_system = covered.source_system and spending.own_platform = covered.platform
    and spending.account_ref = covered.account_ref
join accounts on accounts.channel = spending.channel and accounts.platform = spending.platform
group by spending.channel, spending.platform, covered.day
