"""Numbers of the stages: people who reached each, step rates by channel and month, and what open journeys wait for."""

from __future__ import annotations

from pipeline.reporting import sql
from pipeline.reporting.facts import Numbers
from pipeline.warehouse import Warehouse

_MOST_MONTHS = 24
#: The stage before each stage.
_EARLIER = "select stage_index + 1 as stage_index, stage as previous_stage from config.stages"


def funnel_numbers(warehouse: Warehouse) -> Numbers:
    """Return the people who reached each stage, and what became of them."""
    return warehouse.records(
        """with followed as (
            select *,
                lead(count_people) over in_stages as count_next,
                first_value(count_people) over in_stages as count_everybody
            from marts.stage_conversion where breakdown = 'all'
            window in_stages as (order by stage_index rows between unbounded preceding and unbounded following)
        )
        select stage_index, stage, count_people,
            coalesce(count_next, 0) as count_went_on,
            count_open,
            coalesce(count_people - count_next - count_open, 0) as count_stopped,
            count_everybody, count_anchor, overall_rate, overall_rate_low, overall_rate_high,
            skipped_share, median_days_from_previous, count_timed
        from followed order by stage_index"""
    )


def step_rates_numbers(warehouse: Warehouse) -> Numbers:
    """Return the share who went on to each stage, of people seen long enough ago."""
    return warehouse.records(
        """select stage_index, stage, lag(stage) over (order by stage_index) as previous_stage,
            coalesce(count_decided, 0) as count_decided, count_mature,
            step_rate, step_rate_low, step_rate_high, median_days_from_previous, count_timed
        from marts.stage_conversion where breakdown = 'all'
        qualify previous_stage is not null order by stage_index"""
    )


def channel_steps_numbers(warehouse: Warehouse) -> Numbers:
    """Return step rates by the channel of the first touch, small channels added up."""
    return warehouse.records(
        f"""with given as (select * from marts.stage_conversion where breakdown = 'first_channel'),
        shown as ({sql.pooled_channels("given", "breakdown_value", "max(count_people)")}),
        earlier as ({_EARLIER}),
        summed as (
            select shown.shown as channel, shown.place as channel_place, stage_index, stage,
                sum(count_mature)::bigint as count_mature,
                coalesce(sum(count_decided), 0)::bigint as count_decided
            from given join shown on shown.channel = breakdown_value
            group by shown.shown, shown.place, stage_index, stage
        )
        select channel, channel_place, stage_index, previous_stage, summed.stage, count_mature, count_decided,
            {sql.rate("count_mature", "count_decided", "step_rate")}, verdict
        from summed join earlier using (stage_index)
        left join marts.differences as differences
            on measure = 'step_rate' and breakdown_value = channel and differences.stage = summed.stage
        order by channel_place, stage_index"""
    )


def month_steps_numbers(warehouse: Warehouse) -> Numbers:
    """Return step rates by the month people were first seen, and the share of them that was seen long enough."""
    return warehouse.records(
        f"""with earlier as ({_EARLIER}),
        months as (
            select distinct breakdown_value from marts.stage_conversion where breakdown = 'month'
            order by breakdown_value desc limit {_MOST_MONTHS}
        )
        select breakdown_value as month, stage_index, previous_stage, stage, count_mature,
            coalesce(count_decided, 0) as count_decided, step_rate, step_rate_low, step_rate_high,
            lag(count_people) over in_month as count_previous,
            lag(count_mature) over in_month / count_previous as mature_share
        from marts.stage_conversion left join earlier using (stage_index)
        where breakdown = 'month' and breakdown_value in (select breakdown_value from months)
        window in_month as (partition by breakdown_value order by stage_index)
        qualify count_previous is not null
        order by month, stage_index"""
    )


def waiting_numbers(warehouse: Warehouse) -> Numbers:
    """Return what open journeys wait for."""
    return warehouse.records(
        f"""with summed as (
            select waits_for, sum(count_journeys)::bigint as count_journeys, any_value(count_outcome) as count_outcome
            from marts.drop_off where outcome = 'open' group by waits_for
        )
        select waits_for, stage_index, count_journeys, count_outcome,
            {sql.rate("count_journeys", "count_outcome", "journeys_share")}
        from summed left join config.stages on stage = waits_for order by stage_index"""
    )


def meanings(warehouse: Warehouse) -> Numbers:
    """Return the stages in order and what each means."""
    return warehouse.records("select stage, meaning from config.stages order by stage_index")
