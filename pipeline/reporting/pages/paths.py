"""Which way people take: a flow from the first touch on, one back from the conversion, and the most common paths."""

from __future__ import annotations

from typing import Any

from pipeline.reporting import channels, text
from pipeline.reporting.charts import columns as upright
from pipeline.reporting.charts import dots as dotted
from pipeline.reporting.charts import flow as flowing
from pipeline.reporting.facts import FOUND, NOT_PEOPLE, SHARES, Facts, Numbers
from pipeline.reporting.numbers.paths import (
    MOST_STEPS,
    anchors_numbers,
    backward_numbers,
    forward_numbers,
    leaving,
    length_rates_numbers,
    lengths_numbers,
    paths_numbers,
    whole_numbers,
)
from pipeline.reporting.page import Content, Figure
from pipeline.reporting.sheet import WIDE, Sheet
from pipeline.reporting.style import channel_variable
from pipeline.reporting.tables import Column, Table
from pipeline.warehouse import Warehouse

ORDER = 20
TITLE = "Journey paths"
SUMMARY = "Which channels people pass through, in which order, and where that leads."

_ENDS = {
    "(conversion)": "Order",
    "(drop-off)": "Drop-off",
    "(still open)": "Still open",
    "(more steps)": "Goes on",
    "(start)": "Start",
}
#: Orders flow off above the channels, everything else below them.
_RANKS = {"(conversion)": -1, "(more steps)": 1, "(still open)": 2, "(drop-off)": 3, "(start)": 2}
_ORDINALS = ("1st", "2nd", "3rd")


def headline(warehouse: Warehouse, facts: Facts) -> str:
    """Say how many orders come after more than one step."""
    row = whole_numbers(warehouse)[0]
    n = row["count_converted"]
    if not text.enough(n, facts.guard_n):
        return f"{text.plural(n, 'journey')} with an order so far: {text.too_few(n)}."
    return (
        f"{text.share(row['longer_share'])} of journeys that end in an order pass more than one channel "
        f"({text.interval(row['longer_share_low'], row['longer_share_high'])})."
    )


def draw_forward(numbers: Numbers, facts: Facts) -> Sheet:
    """Draw the flow from the first touch on."""
    return _draw_flow(numbers, facts, is_backward=False)


def draw_backward(numbers: Numbers, facts: Facts) -> Sheet:
    """Draw the flow that leads to the conversion; time still runs to the right."""
    return _draw_flow(numbers, facts, is_backward=True)


def _draw_flow(numbers: Numbers, facts: Facts, *, is_backward: bool) -> Sheet:
    last = max(row["step"] for row in numbers)
    whole = sum(row["count_journeys"] for row in numbers if row["step"] == 1)
    sizes: dict[tuple[int, str], int] = {(0, numbers[0]["from_node"]): whole}
    for row in numbers:
        place = (row["step"], row["to_node"])
        sizes[place] = sizes.get(place, 0) + row["count_journeys"]
    totals: dict[str, int] = {}
    for (_, key), size in sizes.items():
        totals[key] = totals.get(key, 0) + size
    nodes = [
        _node(column, key, size, whole, totals[key], facts, is_backward=is_backward)
        for (column, key), size in sizes.items()
    ]
    links = [_link(row, sizes, facts, is_backward=is_backward) for row in numbers]
    headings = []
    for column in range(last + 1):
        here = sum(size for (c, key), size in sizes.items() if c == column and (column == 0 or key not in _ENDS))
        headings.append((_heading(column, last, is_backward=is_backward), text.plural(here, "journey") if here else ""))
    width = max(WIDE, (last + 1) * 138)
    return flowing.flow(nodes, links, headings, mirrored=is_backward, width=width)


def _heading(column: int, last: int, *, is_backward: bool) -> str:
    if column == 0:
        return "Order" if is_backward else "Start"
    if column == last:
        return "Before" if is_backward else "After"
    if is_backward:
        return "Last touch" if column == 1 else f"{_ordinal(column)} last"
    return f"{_ordinal(column)} touch"


def _ordinal(number: int) -> str:
    return _ORDINALS[number - 1] if number <= len(_ORDINALS) else f"{number}th"


def _node(column: int, key: str, size: int, whole: int, total: int, facts: Facts, *, is_backward: bool) -> flowing.Node:
    name = _node_name(column, key, is_backward=is_backward)
    rank = _RANKS.get(key, 0)
    # Channels keep one order in every column; pooled ones stand below those with a name.
    order = (0.5, 0.0) if key.startswith(channels.POOLED[:-1]) else (rank, -float(total))
    written = text.with_share(size, size / whole, whole, facts.guard_n, "{} ({})")
    tip = f"{name}: {written} of {text.plural(whole, 'journey')}"
    fill = channel_variable(key)
    return flowing.Node(column, key, name, fill, size, written, tip, rank=(int(order[0] * 2), order[1]))


def _node_name(column: int, key: str, *, is_backward: bool) -> str:
    if key == "(start)" and is_backward:
        return "No touch" if column == 1 else "Began here"
    if key == "(more steps)" and is_backward:
        return "More before"
    if key == "(conversion)" and column == 1:
        return "Order, no touch"
    if key.startswith(channels.POOLED[:-1]):
        return f"Other ({key.rpartition(' ')[2]}"
    return _ENDS.get(key) or channels.label(key)


def _link(row: dict[str, Any], sizes: dict[tuple[int, str], int], facts: Facts, *, is_backward: bool) -> flowing.Link:
    column, source, target, count = row["step"] - 1, row["from_node"], row["to_node"], row["count_journeys"]
    fill = channel_variable(
        target if target in _ENDS and not is_backward else source if source not in _ENDS else target
    )
    first, second = (_node_name(c, key, is_backward=is_backward) for c, key in ((column, source), (column + 1, target)))
    at = sizes[column, source]
    says = f"{second} → {first}" if is_backward else f"{first} → {second}"
    share = f"{text.share(count / at)} of " if text.enough(at, facts.guard_n) else "of "
    tip = f"{says}: {text.plural(count, 'journey')}, {share}{text.count(at)} at {first}"
    if row["revenue"]:
        tip += f"; orders of theirs: {facts.money(row['revenue'])}"
    return flowing.Link(column, source, target, count, fill, tip)


def _steps(count: int) -> str:
    return f"{count} or more" if count == MOST_STEPS else text.plural(count, "step")


def draw_lengths(numbers: Numbers, facts: Facts) -> Sheet:
    """Draw journeys by number of steps and outcome."""
    bars = [
        upright.Column(
            f"{row['count_steps']}{'+' if row['count_steps'] == MOST_STEPS else ''}",
            ((row["count_converted"], "converted"), (row["count_open"], "open"), (row["count_lost"], "lost")),
            text.compact(row["count_journeys"]),
            f"{_steps(row['count_steps'])}: {text.count(row['count_converted'])} with an order, "
            f"{text.count(row['count_open'])} still open, {text.count(row['count_lost'])} lost",
        )
        for row in numbers
    ]
    return upright.columns(bars, legend=(("order", "converted"), ("still open", "open"), ("drop-off", "lost")))


def draw_length_rates(numbers: Numbers, facts: Facts) -> Sheet:
    """Draw the conversion rate by number of steps."""
    rows = []
    for row in numbers:
        ended = text.plural(row["count_ended"], "ended journey")
        tip = f"{_steps(row['count_steps'])}: {text.count(row['count_converted'])} of {ended}"
        rate = dotted.Rate.of(row, "conversion_rate", "count_ended", fill="converted", tip=tip)
        rows.append(dotted.Row(_steps(row["count_steps"]), (rate,)))
    return dotted.dots(rows, ["Share of ended journeys with an order"], facts.guard_n)


def content(warehouse: Warehouse, facts: Facts) -> Content:
    """Return the page."""
    return Content(
        figures=(
            _forward(warehouse, facts),
            _backward(warehouse, facts),
            _lengths(warehouse, facts),
            _length_rates(warehouse, facts),
        ),
        tables=(_paths(warehouse, facts), _anchors(warehouse)),
    )


_FLOW_COLUMNS = (
    Column("step", "Step", "count"),
    Column("from_node", "From", "channel"),
    Column("to_node", "To", "channel"),
    Column("count_journeys", "Journeys", "count", bar=True),
)


def _forward(warehouse: Warehouse, facts: Facts) -> Figure:
    numbers = forward_numbers(warehouse)
    columns = (*_FLOW_COLUMNS, Column("revenue", f"Revenue of their orders, {facts.currency}", "money"))
    return Figure(
        "forward",
        "From the first touch on",
        numbers,
        draw_forward,
        facts.define(
            "All journeys by the channels of their touches; touches of one channel in a row count once. "
            f"A journey is lost after {facts.idle()}; until then it is still open and never counted as lost.",
            leaving(numbers), "journey", lookback=True, without=NOT_PEOPLE,
        ),
        Table("forward", "From the first touch on", columns, numbers, source="marts.path_transitions", shown=15),
        reading="Bands are as thick as the journeys that go that way; those that end leave upwards with an order, "
        "downwards without. Rest the pointer on a band for its numbers.",
        empty="No journeys yet.",
        is_wide=True,
    )  # fmt: skip


def _backward(warehouse: Warehouse, facts: Facts) -> Figure:
    numbers = backward_numbers(warehouse)
    columns = (*_FLOW_COLUMNS, Column("revenue", f"Revenue, {facts.currency}", "money"))
    return Figure(
        "backward",
        "What led to an order",
        numbers,
        draw_backward,
        facts.define(
            "Journeys that ended in an order, seen from it: the last touch beside it, earlier ones further left.",
            leaving(numbers), "order", lookback=True, without=NOT_PEOPLE,
        ),
        Table("backward", "What led to an order", columns, numbers, source="marts.path_transitions", shown=15),
        reading="Time runs to the right, into the order. “Began here” marks journeys without an earlier touch.",
        empty="No orders yet.",
        is_wide=True,
        begins_at_end=True,
    )  # fmt: skip


def _lengths(warehouse: Warehouse, facts: Facts) -> Figure:
    numbers = lengths_numbers(warehouse)
    columns = (
        Column("count_steps", "Steps", "count"),
        Column("count_journeys", "Journeys", "count"),
        Column("count_converted", "With an order", "count"),
        Column("count_open", "Still open", "count"),
        Column("count_lost", "Lost", "count"),
    )
    return Figure(
        "lengths",
        "How many steps journeys take",
        numbers,
        draw_lengths,
        facts.define(
            "Journeys with at least one touch, by number of steps; touches of one channel in a row are one step.",
            sum(row["count_journeys"] for row in numbers), "journey", without=NOT_PEOPLE,
        ),
        Table("lengths", "How many steps journeys take", columns, numbers),
        empty="No journeys yet.",
    )  # fmt: skip


def _length_rates(warehouse: Warehouse, facts: Facts) -> Figure:
    numbers = length_rates_numbers(warehouse)
    columns = (
        Column("count_steps", "Steps", "count"),
        Column("count_ended", "Ended", "count"),
        Column("count_converted", "With an order", "count"),
        _RATE,
    )
    return Figure(
        "length-rates",
        "How often journeys of each length end in an order",
        numbers,
        draw_length_rates,
        facts.define(
            "Journeys with an order among those that ended, with an order or in silence; open ones are left out.",
            sum(row["count_ended"] for row in numbers), "ended journey", interval=SHARES, without=NOT_PEOPLE,
        ),
        Table("length-rates", "Orders by number of steps", columns, numbers),
        reading="Who means to buy comes back more often: longer paths can convert better without being the reason.",
        empty="No journeys yet.",
    )  # fmt: skip


_RATE = Column(
    "conversion_rate",
    "Conversion rate",
    "rate",
    low="conversion_rate_low",
    high="conversion_rate_high",
    n="count_ended",
)


def _paths(warehouse: Warehouse, facts: Facts) -> Table:
    rows = paths_numbers(warehouse)
    whole = whole_numbers(warehouse)[0]
    columns = (
        Column("path", "Path", "path"),
        Column("count_journeys", "Journeys", "count", bar=True),
        Column("count_converted", "Orders", "count"),
        Column("count_open", "Still open", "count"),
        _RATE,
        Column("verdict", "Against other paths", nothing=""),
        Column("revenue", f"Revenue, {facts.currency}", "money"),
        Column("median_days", "Median time", "days", n="count_converted"),
    )
    count, shown = whole["count_paths"], len(rows)
    more = (
        f" The {text.count(shown)} most common of {text.count(count)} paths; all are in marts.journey_paths."
        if count > shown
        else ""
    )
    return Table(
        "paths",
        "The most common paths",
        columns,
        rows,
        shown=20,
        source="marts.journey_paths",
        note=f"The range beside a rate is its 95 % interval; the bar below draws it.{more}",
        definition=facts.define(
            "Journeys by the channels of their touches, repeats in a row counted once. "
            f"The rate is among ended journeys; the median time runs from the first touch to the order. {FOUND}",
            whole["count_journeys"], "journey", money=True, lookback=True, interval=SHARES, without=NOT_PEOPLE,
        ),
    )  # fmt: skip


def _anchors(warehouse: Warehouse) -> Table:
    columns = (
        Column("path_kind", "Kind of step", "words"),
        Column("anchor", "Step"),
        Column("count_journeys", "Journeys that pass it", "count"),
        Column("is_most_common", "Most common", "flag"),
        Column("nearest_step", "Meant was perhaps", nothing=""),
    )
    return Table(
        "anchors",
        "Steps that flows begin at",
        columns,
        anchors_numbers(warehouse),
        source="marts.path_anchors",
        note="Besides the start, the order and the drop-off; name others under paths.anchors in journeys.yaml.",
    )
