-- One row per click id, what was exported and what it became: visits whose source a platform's click id put right.
-- grain: click_id_kind, exported_source, exported_medium, source, medium
with

changed as (
    select
        ids.click_id_kind, ids.exported_source, ids.exported_medium,
        coalesce(ids.source, '') as source, coalesce(ids.medium, '') as medium, coalesce(ids.campaign, '') as campaign,
        points.session_id, points.source_system
    from core.click_ids as ids
    join core.touchpoints as points on points.touchpoint_id = ids.event_id
    where ids.is_repaired
),

visits as (
    select
        click_id_kind, exported_source, exported_medium, source, medium, session_id,
        min(campaign) as campaign, min(source_system) as source_system, count(*) as count_events
    from changed
    group by all
),

sold as (
    select visits.click_id_kind, visits.exported_source, visits.exported_medium, visits.source, visits.medium,
        credited.order_id, min(credited.revenue) as revenue
    from visits
    join core.touches as touches
        on touches.session_id = visits.session_id and touches.source = visits.source and touches.medium = visits.medium
    join core.credited_touches as credited on credited.touch_id = touches.touch_id
    group by all
),

sums as (
    select click_id_kind, exported_source, exported_medium, source, medium, count(*) as count_orders, sum(revenue) as revenue
    from sold
    group by all
)

select
    visits.click_id_kind,                                  -- Parameter of the address: gclid, msclkid, fbclid, ….
    visits.exported_source,                                -- Source as exported; empty when there was none.
    visits.exported_medium,                                -- Medium as exported; empty when there was none.
    visits.source,                                         -- Source it became.
    visits.medium,                                         -- Medium it became.
    min(channels.channel) as channel,                      -- Channel it is counted under now.
    cast(sum(visits.count_events) as bigint) as count_events,    -- Events concerned.
    count(visits.session_id) as visits,                    -- Visits concerned.
    coalesce(min(sums.count_orders), 0) as count_orders,   -- Orders in whose journey such a visit earns credit.
    coalesce(min(sums.revenue), 0) as revenue              -- Revenue of these orders, in the reporting currency.
from visits
left join core.channels as channels
    on channels.source_system = visits.source_system and channels.source = visits.source
    and channels.medium = visits.medium and channels.campaign = visits.campaign
left join sums
    on sums.click_id_kind = visits.click_id_kind and sums.exported_source = visits.exported_source
    and sums.exported_medium = visits.exported_medium and sums.source = visits.source and sums.medium = visits.medium
group by visits.click_id_kind, visits.exported_source, visits.exported_medium, visits.source, visits.medium
