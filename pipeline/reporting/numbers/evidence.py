"""Numbers of evidence: what compares people with and without something, beside the credit for having been there."""

from __future__ import annotations

from pipeline.reporting.facts import Numbers
from pipeline.warehouse import Warehouse


def channels_numbers(warehouse: Warehouse) -> Numbers:
    """Return what speaks for an effect of each channel, the best evidence first; shares and money in columns apart."""
    return warehouse.records(
        """select evidence.* exclude (difference, difference_low, difference_high, difference_needed),
            if(metric = 'conversion', evidence.difference_needed, null) as points_needed,
            if(metric = 'revenue', evidence.difference_needed, null) as revenue_needed,
            worth.compared_spend, worth.count_days, worth.day_cost, worth.order_worth,
            if(metric = 'conversion', evidence.difference, null) as difference,
            if(metric = 'conversion', evidence.difference_low, null) as difference_low,
            if(metric = 'conversion', evidence.difference_high, null) as difference_high,
            if(metric = 'revenue', evidence.difference, null) as revenue_difference,
            if(metric = 'revenue', evidence.difference_low, null) as revenue_low,
            if(metric = 'revenue', evidence.difference_high, null) as revenue_high,
            drivers.warnings,
            least(evidence.count_exposed, evidence.count_unexposed) as count_least
        from marts.channel_evidence as evidence
        left join marts.drivers as drivers
            on drivers.driver = evidence.channel and drivers.kind = 'channel' and drivers.outcome = 'converting'
        left join marts.break_even as worth on worth.channel = evidence.channel and worth.experiment = ''
        order by list_position(
            ['evidence of effect', 'no effect shown', 'confounded', 'not enough data'], evidence.evidence),
            evidence.difference desc nulls last, evidence.channel"""
    )


def _drivers(warehouse: Warehouse, outcome: str) -> Numbers:
    return warehouse.records(
        """select *, least(count_exposed, count_unexposed) as count_least
        from marts.drivers where outcome = $1 and p_adjusted is not null
        order by list_position(['channel', 'interaction', 'stage', 'page', 'device'], kind), odds_ratio desc, driver""",
        [outcome],
    )


def converting_numbers(warehouse: Warehouse) -> Numbers:
    """Return what goes along with an order in the days after, by kind, the largest odds ratio first."""
    return _drivers(warehouse, "converting")


def dropping_numbers(warehouse: Warehouse) -> Numbers:
    """Return what goes along with neither coming back nor ordering, by kind, the largest odds ratio first."""
    return _drivers(warehouse, "dropping")


def unsaid_numbers(warehouse: Warehouse) -> Numbers:
    """Return how many drivers of each outcome had too few cases to compare."""
    return warehouse.records(
        """select outcome, count(*) as drivers from marts.drivers where p_adjusted is null
        group by outcome order by outcome"""
    )


def _arms(warehouse: Warehouse, metric: str) -> Numbers:
    return warehouse.records(
        """select *,
            case when is_control then count_people
                else least(count_people, max(count_people) filter (where is_control) over (partition by experiment))
            end as count_least
        from marts.experiments where metric = $1 order by experiment, is_control desc, variant""",
        [metric],
    )


def experiments_numbers(warehouse: Warehouse) -> Numbers:
    """Return the arms of every experiment by the share of people who ordered, the control first."""
    return _arms(warehouse, "conversion")


def experiment_revenue_numbers(warehouse: Warehouse) -> Numbers:
    """Return the same arms by revenue per person."""
    return _arms(warehouse, "revenue")
