"""Numbers of the journey paths: flows from either end, single paths, and paths by length."""

from __future__ import annotations

from typing import Any

from pipeline.reporting import sql
from pipeline.reporting.facts import Numbers
from pipeline.warehouse import Warehouse

#: Nodes of a flow that are no channel.
ENDS = ("(start)", "(conversion)", "(drop-off)", "(still open)", "(more steps)")
#: Longer paths are counted together.
MOST_STEPS = 8
MOST_PATHS = 500

#: Channels a flow has room for; the others flow together.
_MOST_DRAWN = 7
#: Share of all journeys that must still be under way for one more step to be drawn.
_LEAST_SHARE = 0.01


def forward_numbers(warehouse: Warehouse) -> Numbers:
    """Return the flow from the first touch on."""
    return _flow(warehouse, "forward")


def backward_numbers(warehouse: Warehouse) -> Numbers:
    """Return the flow back from the conversion."""
    return _flow(warehouse, "backward")


def _flow(warehouse: Warehouse, direction: str) -> Numbers:
    """Return how many journeys pass between two nodes at each step, small channels added up."""
    found = warehouse.records(
        f"""with flows as (select * from marts.path_transitions where path_kind = 'channel' and direction = $1
            and anchor = case $1 when 'forward' then '(start)' else '(conversion)' end),
        arrivals as (select * from flows where to_node not in {ENDS}),
        shown as ({sql.pooled_channels("arrivals", "to_node", "sum(count_journeys)", _MOST_DRAWN)})
        select
            step,
            coalesce(sources.shown, from_node) as from_node,
            coalesce(targets.shown, to_node) as to_node,
            sum(count_journeys)::bigint as count_journeys,
            sum(revenue) as revenue
        from flows
        left join shown as sources on sources.channel = flows.from_node
        left join shown as targets on targets.channel = flows.to_node
        group by all
        order by step, count_journeys desc, from_node, to_node""",
        [direction],
    )
    return _without_tail(found)


def leaving(numbers: Numbers) -> int:
    """Return how many journeys a flow begins with."""
    return sum(row["count_journeys"] for row in numbers if row["step"] == 1)


def _without_tail(numbers: Numbers) -> Numbers:
    """End the flow where too few journeys go on to be seen; they flow into "more steps"."""
    going_on: dict[int, int] = {}
    for row in numbers:
        if row["to_node"] not in ENDS:
            going_on[row["step"]] = going_on.get(row["step"], 0) + row["count_journeys"]
    last = max([2, *(step for step, count in going_on.items() if count >= _LEAST_SHARE * leaving(numbers))])
    merged: dict[tuple[str, str], dict[str, Any]] = {}
    for row in numbers:
        if row["step"] == last + 1:
            target = row["to_node"] if row["to_node"] in ENDS else "(more steps)"
            earlier = merged.get((row["from_node"], target), {"count_journeys": 0, "revenue": 0})
            added = {key: earlier[key] + row[key] for key in ("count_journeys", "revenue")}
            merged[row["from_node"], target] = {**row, "to_node": target, **added}
    ends = sorted(merged.values(), key=lambda row: (-row["count_journeys"], row["from_node"], row["to_node"]))
    return [row for row in numbers if row["step"] <= last] + ends


def paths_numbers(warehouse: Warehouse) -> Numbers:
    """Return the most common paths."""
    return warehouse.records(
        f"""select path, count_steps, count_journeys, count_converted, count_lost, count_open,
            count_converted + count_lost as count_ended,
            conversion_rate, conversion_rate_low, conversion_rate_high, revenue, median_days, mean_touches, verdict
        from marts.journey_paths left join marts.differences
            on measure = 'conversion_rate' and breakdown = path_kind || '_path'
            and breakdown_value = array_to_string(path, chr(31)) || case when is_cut then chr(31) else '' end
        where path_kind = 'channel'
        order by count_journeys desc, count_converted desc, path limit {MOST_PATHS}"""
    )


def whole_numbers(warehouse: Warehouse) -> Numbers:
    """Return how many paths and journeys there are, and how many orders came after more than one step."""
    return warehouse.records(
        f"""with summed as (
            select
                (select coalesce(sum(count_paths), 0)::bigint from marts.journey_paths
                    where path_kind = 'channel' and count_steps is distinct from 0) as count_paths,
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


def anchors_numbers(warehouse: Warehouse) -> Numbers:
    """Return the steps that flows begin at, and what was probably meant by those that nobody passed."""
    return warehouse.records(
        """select path_kind, anchor, count_journeys, is_most_common, nearest_step
        from marts.path_anchors order by path_kind, count_journeys desc, anchor"""
    )
