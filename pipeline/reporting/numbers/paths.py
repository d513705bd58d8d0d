"""Numbers of the journey paths: flows from any end or step, single paths and their parts, lengths, and waits."""

from __future__ import annotations

from functools import partial
from typing import Any

from pipeline.reporting import channels, sql
from pipeline.reporting.facts import Numbers
from pipeline.warehouse import Warehouse

#: Nodes of a flow that are no step.
ENDS = ("(start)", "(conversion)", "(drop-off)", "(still open)", "(more steps)")
#: What steps can be, in the order the page shows them.
KINDS = ("channel", "stage", "page_group", "interaction")
#: Longer paths are counted together.
MOST_STEPS = 8
#: Paths and parts of paths in a table of the page; marts.journey_paths and marts.sub_paths hold more.
MOST_PATHS = 40

#: Steps a flow has room for; the others flow together.
_MOST_DRAWN = 7
#: Share of all journeys that must still be under way for one more step to be drawn.
_LEAST_SHARE = 0.01
#: Steps drawn on either side of a step in the middle.
_AROUND = 2
_POOLED = {
    "channel": channels.POOLED[:-1],
    "stage": "(other stages",
    "page_group": "(other pages",
    "interaction": "(other interactions",
}


def _flow(kind: str, anchor: str, direction: str, warehouse: Warehouse) -> Numbers:
    """Return how many journeys pass between two nodes at each step, small steps added up."""
    return _without_tail(_passages(kind, anchor, direction, warehouse))


def _passages(kind: str, anchor: str, direction: str, warehouse: Warehouse) -> Numbers:
    return warehouse.records(
        f"""with flows as (
            select * from marts.path_transitions where path_kind = $1 and anchor = $2 and direction = $3
        ),
        arrivals as (select * from flows where to_node not in {ENDS}),
        shown as ({sql.pooled_channels("arrivals", "to_node", "sum(count_journeys)", _MOST_DRAWN)})
        select
            step,
            case when step > 1 then coalesce(replace(sources.shown, $4, $5), from_node) else from_node end as from_node,
            coalesce(replace(targets.shown, $4, $5), to_node) as to_node,
            sum(count_journeys)::bigint as count_journeys,
            sum(revenue) as revenue
        from flows
        left join shown as sources on sources.channel = flows.from_node
        left join shown as targets on targets.channel = flows.to_node
        group by all
        order by step, count_journeys desc, from_node, to_node""",
        [kind, anchor, direction, f"{channels.POOLED[:-1]}: ", f"{_POOLED[kind]}: "],
    )


#: The flow from the beginning on by each kind of step, and the one back from the order by channel.
forward_numbers = partial(_flow, "channel", "(start)", "forward")
backward_numbers = partial(_flow, "channel", "(conversion)", "backward")
forward_stage_numbers = partial(_flow, "stage", "(start)", "forward")
forward_page_group_numbers = partial(_flow, "page_group", "(start)", "forward")
forward_interaction_numbers = partial(_flow, "interaction", "(start)", "forward")


def leaving(numbers: Numbers) -> int:
    """Return how many journeys a flow begins with."""
    return sum(row["count_journeys"] for row in numbers if row["step"] == 1)


def _without_tail(numbers: Numbers, longest: int = 99) -> Numbers:
    """End the flow where too few journeys go on to be seen; they flow into "more steps"."""
    going_on: dict[int, int] = {}
    for row in numbers:
        if row["to_node"] not in ENDS:
            going_on[row["step"]] = going_on.get(row["step"], 0) + row["count_journeys"]
    last = max([2, *(step for step, count in going_on.items() if count >= _LEAST_SHARE * leaving(numbers))])
    last = min(last, longest)
    merged: dict[tuple[str, str], dict[str, Any]] = {}
    for row in numbers:
        if row["step"] == last + 1:
            target = row["to_node"] if row["to_node"] in ENDS else "(more steps)"
            earlier = merged.get((row["from_node"], target), {"count_journeys": 0, "revenue": 0})
            added = {key: earlier[key] + row[key] for key in ("count_journeys", "revenue")}
            merged[row["from_node"], target] = {**row, "to_node": target, **added}
    ends = sorted(merged.values(), key=lambda row: (-row["count_journeys"], row["from_node"], row["to_node"]))
    return [row for row in numbers if row["step"] <= last] + ends


def _around(kind: str, warehouse: Warehouse) -> Numbers:
    """Return what came before a step and what after it: the first one asked for that somebody passes."""
    chosen = warehouse.records(
        """select anchor from marts.path_anchors where path_kind = $1 and count_journeys > 0
        order by is_most_common, count_journeys desc, anchor limit 1""",
        [kind],
    )
    rows: Numbers = []
    for direction in ("backward", "forward") if chosen else ():
        found = _without_tail(_passages(kind, chosen[0]["anchor"], direction, warehouse), _AROUND - 1)
        rows += [{"direction": direction, **row} for row in found]
    return rows


around_page_group_numbers = partial(_around, "page_group")
around_interaction_numbers = partial(_around, "interaction")


def paths_numbers(warehouse: Warehouse, kind: str, outcome: str) -> Numbers:
    """Return the paths that most journeys with an outcome took, converted or lost, and all others as one row."""
    return warehouse.records(
        f"""with placed as (
            select *, is_pooled or row_number() over (
                order by is_pooled, count_{outcome} desc, count_journeys desc, path, is_cut) > {MOST_PATHS} as is_other
            from marts.journey_paths where path_kind = $1
        ),
        summed as (
            select
                is_other,
                case when not is_other then path end as path, case when not is_other then is_cut end as is_cut,
                sum(count_paths)::bigint as count_paths, sum(count_journeys)::bigint as count_journeys,
                sum(count_converted)::bigint as count_converted, sum(count_lost)::bigint as count_lost,
                sum(count_open)::bigint as count_open, sum(count_converted + count_lost)::bigint as count_ended,
                max(all_{outcome}) as count_outcome, sum(revenue) as revenue,
                max(case when not is_other then median_days end) as median_days,
                max(case when not is_other then count_steps end) as count_steps
            from placed group by all
        )
        select
            case when is_other then ['(other paths: ' || count_paths || ')']
                when summed.is_cut then path || ['(more steps)'] else path end as path,
            summed.* exclude (path, is_cut, is_other), {sql.rate(f"count_{outcome}", "count_outcome", "outcome_share")},
            {sql.rate("count_converted", "count_ended", "conversion_rate")}, coalesce(verdict, '') as verdict
        from summed
        left join marts.differences as differences
            on differences.measure = 'conversion_rate' and differences.breakdown = $1 || '_path'
            and differences.breakdown_value = array_to_string(path, chr(31))
                || case when summed.is_cut then chr(31) else '' end
        where count_{outcome} > 0 or is_other
        order by is_other, count_{outcome} desc, count_journeys desc, path""",
        [kind],
    )


def sub_paths_numbers(warehouse: Warehouse, kind: str) -> Numbers:
    """Return the parts of paths with the clearest difference, those too few to compare last."""
    return warehouse.records(
        f"""select
            path, case form when 'run' then 'one after another' else 'later' end as form,
            count_journeys, count_ended, conversion_rate, conversion_rate_low, conversion_rate_high,
            other_ended, other_rate, other_rate_low, other_rate_high, p_adjusted, verdict
        from marts.sub_paths where path_kind = $1
        order by p_adjusted is null, p_adjusted, count_journeys desc, form, path limit {MOST_PATHS}""",
        [kind],
    )


def comparisons_numbers(warehouse: Warehouse) -> Numbers:
    """Return the pairs of groups that are compared, and how many comparisons say what."""
    return warehouse.records(
        """select
            comparison, trait, first_value, second_value,
            coalesce(max(first_cases) filter (where form <> 'rate'), 0)::bigint as first_cases,
            coalesce(max(second_cases) filter (where form <> 'rate'), 0)::bigint as second_cases,
            count(*) filter (where verdict in ('above', 'below')) as count_found,
            count(*) filter (where verdict = 'no difference shown') as count_alike,
            count(*) filter (where verdict = 'too few to say') as count_few
        from marts.path_differences group by comparison, trait, first_value, second_value order by comparison"""
    )


def differences_numbers(warehouse: Warehouse, comparison: int) -> Numbers:
    """Return how often orders come in both groups, and where their paths differ most."""
    return warehouse.records(
        f"""select
            path_kind, form, path, first_share, first_cases, second_share, second_cases, least_cases, difference,
            difference_low, difference_high, p_adjusted, verdict
        from marts.path_differences
        where comparison = $1 and (form <> 'rate' or path_kind = 'channel')
        order by form <> 'rate', verdict = 'too few to say', verdict = 'no difference shown', abs(difference) desc,
            path_kind, form, path
        limit {MOST_PATHS}""",
        [comparison],
    )


def whole_numbers(warehouse: Warehouse) -> Numbers:
    """Return how many journeys there are, and how many orders came after more than one step."""
    return warehouse.records(
        f"""with summed as (
            select
                coalesce(sum(count_journeys), 0)::bigint as count_journeys,
                coalesce(sum(count_converted), 0)::bigint as count_converted,
                coalesce(sum(count_converted) filter (where count_steps > 1), 0)::bigint as count_longer
            from marts.path_lengths where path_kind = 'channel' and is_collapsed and count_steps > 0
        )
        select *, {sql.rate("count_longer", "count_converted", "longer_share")} from summed"""
    )


def lengths_numbers(warehouse: Warehouse) -> Numbers:
    """Return journeys by how many steps they have, and how they ended."""
    return warehouse.records(
        f"""select
            least(count_steps, {MOST_STEPS})::integer as count_steps,
            sum(count_journeys)::bigint as count_journeys,
            sum(count_converted)::bigint as count_converted,
            sum(count_open)::bigint as count_open,
            sum(count_lost)::bigint as count_lost
        from marts.path_lengths where path_kind = 'channel' and is_collapsed and count_steps > 0
        group by 1 order by 1"""
    )


def length_rates_numbers(warehouse: Warehouse) -> Numbers:
    """Return the conversion rate by number of steps."""
    return warehouse.records(
        f"""with summed as (
            select
                least(count_steps, {MOST_STEPS})::integer as count_steps,
                sum(count_converted)::bigint as count_converted,
                sum(count_converted + count_lost)::bigint as count_ended
            from marts.path_lengths where path_kind = 'channel' and is_collapsed and count_steps > 0
            group by 1
        )
        select count_steps, count_converted, count_ended,
            {sql.rate("count_converted", "count_ended", "conversion_rate")}
        from summed order by count_steps"""
    )


def lags_numbers(warehouse: Warehouse) -> Numbers:
    """Return how many orders come how long after the first touch, new customers and returning ones apart."""
    return warehouse.records(
        """select
            customer_kind, span, within_days, count_converted, count_open, count_at_risk,
            ordered_share, ordered_share_low, ordered_share_high
        from marts.path_lags where measure = 'first_touch' and customer_kind <> 'all'
        order by span, customer_kind"""
    )


def last_lags_numbers(warehouse: Warehouse) -> Numbers:
    """Return the same, counted from the last touch."""
    return warehouse.records(
        """select
            customer_kind, span, within_days, count_converted, count_open, count_at_risk,
            ordered_share, ordered_share_low, ordered_share_high
        from marts.path_lags where measure = 'last_touch' and customer_kind <> 'all'
        order by span, customer_kind"""
    )


def waits_numbers(warehouse: Warehouse) -> Numbers:
    """Return quantiles of what orders take, and how far open journeys are."""
    return warehouse.records("select * from marts.path_waits order by measure = 'touches' desc, measure, customer_kind")


def effects_numbers(warehouse: Warehouse) -> Numbers:
    """Return which conclusions hold with repeats and without."""
    return warehouse.records("select * from marts.path_effects order by path_kind, conclusion")


def anchors_numbers(warehouse: Warehouse) -> Numbers:
    """Return the steps that flows begin at, and what was probably meant by those that nobody passed."""
    return warehouse.records(
        """select path_kind, anchor, count_journeys, is_most_common, nearest_step
        from marts.path_anchors order by path_kind, count_journeys desc, anchor"""
    )
