-- One row per journey: the contacts of a person up to an order, or up to a silence.
with

happened as (
    select person_id, occurred_at, 0 as kind, touch_id, channel, recorded_by, cast(null as varchar) as order_id from touches
    union all
    select person_id, ordered_at, 1, 0, null, null, order_id from true_orders where is_real
),

placed as (
    select
        *,
        row_number() over ordered as place,
        count(*) filter (where kind = 1) over (ordered rows between unbounded preceding and 1 preceding) as orders_before,
        min(case when kind = 1 then occurred_at end) over (ordered rows between current row and unbounded following) as next_order_at
    from happened
    window ordered as (partition by person_id order by occurred_at, kind, touch_id, order_id)
),

reached as (
    -- A contact counts for the next order when it lies within the look-back: 30 days before the first, 90 before later ones.
    select
        *,
        kind = 1 or coalesce(next_order_at <= occurred_at + case when orders_before = 0 then interval 30 day else interval 90 day end, false) as counts,
        case when orders_before = 0 then interval 30 day else interval 90 day end as patience
    from placed
),

cut as (
    select
        *,
        case
            when lag(kind) over ordered is null or lag(kind) over ordered = 1 then 1
            when kind = 1 then 0
            when counts and not lag(counts) over ordered then 1
            when not counts and occurred_at > lag(occurred_at) over ordered + patience then 1
            else 0
        end as begins
    from reached
    window ordered as (partition by person_id order by place)
),

numbered as (
    select *, sum(begins) over (partition by person_id order by place) as journey_index from cut
),

journeys as (
    select
        person_id,
        journey_index,
        max(order_id) as order_id,
        min(occurred_at) as started_at,
        max(occurred_at) as ended_at,
        count(*) filter (where kind = 0) as count_touches,
        coalesce(list(channel order by place) filter (where kind = 0), []) as channels,
        coalesce(list(occurred_at order by place) filter (where kind = 0), []) as touched_at,
        coalesce(list(touch_id order by place) filter (where kind = 0), []) as touch_ids,
        coalesce(list(coalesce(recorded_by, '') in ('ga4', 'mailchimp', 'hubspot') order by place) filter (where kind = 0), []) as is_recorded,
        max(patience) as patience
    from numbered
    group by person_id, journey_index
)

select
    person_id,
    journey_index::integer as journey_index,
    case
        when order_id is not null then 'converted'
        when lead(person_id) over (partition by person_id order by journey_index) is not null then 'lost'
        when ended_at + patience < $as_of then 'lost'
        else 'open'
    end as outcome,
    order_id,
    started_at,
    ended_at,
    count_touches,
    channels,
    touched_at,
    touch_ids,
    is_recorded
from journeys
order by person_id, journey_index
