"""Numbers of the funnels page: steps and what stopping costs, segments, periods, times and each definition."""

from __future__ import annotations

from pipeline.reporting import sql
from pipeline.reporting.facts import Numbers
from pipeline.warehouse import Warehouse

#: Funnels that are drawn; the tables hold all.
MOST_DRAWN = 6
_MOST_VALUES = 6


def steps_numbers(warehouse: Warehouse) -> Numbers:
    """Return each funnel's steps: who did them, the share of those before, how many still may, and what stopping costs.

    `loss` is lost (of the segment to mend first), no loss shown, or why there is no money; null where nobody stops on
    the way to an order. A funnel that is refused has its steps and no numbers: `is_missing` marks those that nothing in
    the data fits, `nearest_name` says what is nearest; `is_missing` is null of other funnels.
    """
    return warehouse.records(
        f"""with steps as (
            select 'funnel ' || steps.funnel_index as basis, steps.* exclude (breakdown, value_of, breakdown_value),
                count_unit, coalesce(lead(steps.count_entries) over in_order, 0) as count_next
            from marts.funnel_steps as steps join config.funnels using (funnel_index)
            where breakdown = 'all'
            window in_order as (partition by steps.funnel_index order by level)
        ),
        told as (
            select basis, stage_index as level, arg_min(losses, place) filter (where verdict = 'lost') as most,
                case
                    when most is not null then 'lost'
                    when bool_or(lost_revenue is not null) then 'no loss shown'
                    else coalesce(
                        min(verdict) filter (where verdict in ('no order values', 'too recent to say')),
                        'too few to say')
                end as loss
            from marts.lost_revenue as losses where breakdown <> 'channel' group by basis, stage_index
        ),
        later as (
            select basis, reached_index as level, next_step, count_dropped, count_closed,
                recovered_share, recovered_share_low, recovered_share_high
            from marts.recovered_later join config.settings on window_days = recovery_days where breakdown = 'all'
        ),
        came as (
            select basis, reached_index as level, any_value(count_known) as count_known,
                any_value(count_known) - coalesce(sum(count_stops) filter (where breakdown_value = 'nothing'), 0)
                    as count_back
            from marts.next_steps where breakdown = 'action' group by basis, reached_index
        )
        select steps.*, loss, most.breakdown as lost_by, most.breakdown_value as lost_segment,
            most.count_reached as lost_reached, most.step_rate as lost_rate, most.step_rate_low as lost_rate_low,
            most.step_rate_high as lost_rate_high, most.reference_value, most.reference_rate,
            most.lost_revenue, most.lost_revenue_low, most.lost_revenue_high, next_step, count_dropped, count_closed,
            recovered_share, recovered_share_low, recovered_share_high, count_known,
            {sql.rate("count_back", "count_known", "back_share")}, cast(null as boolean) as is_missing,
            cast(null as varchar) as nearest_name
        from steps left join told using (basis, level) left join later using (basis, level)
        left join came using (basis, level)
        union all by name
        select funnel_index, funnels.funnel, step, step_index as level, count_unit,
            list_contains(missing_steps, step_index) as is_missing,
            nearest_names[list_position(missing_steps, step_index)] as nearest_name
        from config.funnel_steps join config.funnels using (funnel_index)
        join marts.funnels as refused using (funnel_index) where refused.unfound is not null
        order by funnel_index, level"""
    )


def segments_numbers(warehouse: Warehouse) -> Numbers:
    """Return the share who did every step, by the largest values of each attribute a funnel is broken down by."""
    return warehouse.records(
        f"""with last as (
            select *, row_number() over in_size as place
            from marts.funnel_steps where breakdown <> 'all'
            window in_size as (
                partition by funnel_index, breakdown, value_of, level order by count_anchor desc, breakdown_value)
            qualify level = max(level) over (partition by funnel_index)
        ),
        found as (
            select funnel_index, breakdown, value_of, breakdown_value, string_agg(verdict || ' to ' || step, ', '
                order by level) filter (where verdict in ('above', 'below')) as differing, min(verdict) as otherwise
            from marts.funnel_differences as differences
            join marts.funnel_steps as steps using (funnel_index, breakdown, value_of, breakdown_value, level)
            where comparison = 'others' group by all
        )
        select funnel_index, funnel, breakdown, value_of, breakdown_value, count_complete, count_anchor, overall_rate,
            overall_rate_low, overall_rate_high, coalesce(differing, otherwise) as verdict
        from last left join found using (funnel_index, breakdown, value_of, breakdown_value)
        where place <= {_MOST_VALUES} order by funnel_index, breakdown, value_of, place"""
    )


def trends_numbers(warehouse: Warehouse) -> Numbers:
    """Return the share who did every step, by the week or month in which they began, and the test for a change."""
    return warehouse.records(
        """select trends.*, verdict, p_value
        from marts.funnel_trends as trends
        left join marts.funnel_differences as differences
            on differences.funnel_index = trends.funnel_index and comparison = 'trend'
        order by trends.funnel_index, period"""
    )


def times_numbers(warehouse: Warehouse) -> Numbers:
    """Return the share converted by each part of the window, with the time after which half have."""
    return warehouse.records(
        """select times.*, median_days, median_days_low, median_days_high, mean_days, count_entries, count_converted
        from marts.funnel_times as times join marts.funnels using (funnel_index) order by funnel_index, part"""
    )


def definitions(warehouse: Warehouse) -> Numbers:
    """Return how each funnel counts, with what nothing in the data fits."""
    return warehouse.records(
        """with excluded as (
            select funnel_index, count(*) as count_exclusions, string_agg(distinct how, ' and ' order by how) as how
            from config.funnel_exclusions group by funnel_index
        )
        select given.*, counts.* exclude (funnel_index, funnel), coalesce(count_exclusions, 0) as count_exclusions, how
        from config.funnels as given join marts.funnels as counts using (funnel_index)
        left join excluded using (funnel_index) order by funnel_index"""
    )


def pairs(warehouse: Warehouse) -> Numbers:
    """Return the named pairs of segments that are set against each other, step by step."""
    return warehouse.records(
        """select funnel, steps.step, breakdown, breakdown_value, other_value, differences.count_hits,
            differences.count_cases, other_hits, other_cases, difference, difference_low, difference_high, p_adjusted,
            verdict, least(count_cases, other_cases) as count_least
        from marts.funnel_differences as differences
        join (select distinct funnel_index, funnel, level, step from marts.funnel_steps) as steps
            using (funnel_index, level)
        where comparison = 'pair' order by funnel_index, breakdown, breakdown_value, level"""
    )
