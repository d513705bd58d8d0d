-- One row per journey: what journeys are told apart by when two groups of them are compared.
-- Every trait is known at the journey's first touch or before it, so that no group is made by how the journey ended.
-- grain: journey_id
with

settings as (select * from config.settings),

begun as (
    select
        journeys.*,
        codes.channel,
        touches.source,
        touches.medium,
        touches.campaign,
        sessions.device_category,
        sessions.country,
        sessions.landing_page,
        max(journeys.order_id) over earlier as previous_order_id
    from core.journeys as journeys
    left join core.channel_codes as codes on codes.channel_code = journeys.first_channel_code
    left join core.touches as touches on touches.touch_id = journeys.first_touch_id
    left join core.sessions as sessions on sessions.session_id = touches.session_id
    window earlier as (
        partition by journeys.customer_id order by journeys.journey_id rows between unbounded preceding and 1 preceding)
)

select
    begun.journey_id,                                      -- Journey.
    coalesce(begun.channel, 'No tracked touchpoint') as first_channel,    -- Channel of its first touch.
    coalesce(nullif(begun.source, ''), '(direct)') || ' / ' || coalesce(nullif(begun.medium, ''), '(none)') as source_medium,    -- Source and medium of its first touch.
    coalesce(nullif(begun.campaign, ''), '(no campaign)') as campaign,    -- Campaign of its first touch.
    coalesce(begun.landing_page, '(no page)') as landing_page,    -- First page of its first visit, when it began with a visit.
    coalesce(begun.device_category, '(not known)') as device_category,    -- Device of that visit.
    coalesce(begun.country, '(not known)') as country,     -- Country of that visit, as the source wrote it.
    case when begun.previous_order_id is null then 'new' else 'returning' end as customer_kind,    -- returning: the customer had ordered before it began.
    cast(date_trunc('month', timezone(settings.reporting_zone, timezone('UTC', begun.started_at))) as date) as started_month    -- Month in which it began, in the reporting zone.
from begun
cross join settings
