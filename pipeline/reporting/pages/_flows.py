"""Flows of journeys between steps, drawn from either end or around a step in the middle."""

from __future__ import annotations

from typing import Any

from pipeline.reporting import text
from pipeline.reporting.channels import label
from pipeline.reporting.charts import flow as flowing
from pipeline.reporting.facts import Facts, Numbers
from pipeline.reporting.sheet import WIDE, Sheet
from pipeline.reporting.style import channel_variable

_ENDS = {
    "(conversion)": "Order",
    "(drop-off)": "Drop-off",
    "(still open)": "Still open",
    "(more steps)": "Goes on",
    "(start)": "Start",
}
#: Orders flow off above the steps, everything else below them.
_RANKS = {"(conversion)": -1, "(more steps)": 1, "(still open)": 2, "(drop-off)": 3, "(start)": 2}
_ORDINALS = ("1st", "2nd", "3rd")
_OTHERS = "(other "
#: Column that a step in the middle stands in.
_MIDDLE = 2


def draw_forward(numbers: Numbers, facts: Facts) -> Sheet:
    """Draw the flow from the first step on."""
    return _draw_flow(numbers, facts, is_backward=False)


def draw_backward(numbers: Numbers, facts: Facts) -> Sheet:
    """Draw the flow that leads to an end; time still runs to the right."""
    return _draw_flow(numbers, facts, is_backward=True)


def draw_around(numbers: Numbers, facts: Facts) -> Sheet:
    """Draw what came before a step to its left, and what came after it to its right."""
    anchor = next(row["from_node"] for row in numbers if row["step"] == 1)
    whole = sum(row["count_journeys"] for row in numbers if row["step"] == 1 and row["direction"] == "forward")
    sizes: dict[tuple[int, str], int] = {(_MIDDLE, anchor): whole}
    moves: list[tuple[int, str, str, bool, dict[str, Any]]] = []
    for row in numbers:
        is_before = row["direction"] == "backward"
        column = _MIDDLE - row["step"] if is_before else _MIDDLE + row["step"]
        place = (column, row["to_node"])
        sizes[place] = sizes.get(place, 0) + row["count_journeys"]
        ends = (row["to_node"], row["from_node"]) if is_before else (row["from_node"], row["to_node"])
        moves.append((min(column, column + 1 if is_before else column - 1), *ends, is_before, row))
    totals: dict[str, int] = {}
    for (_, key), size in sizes.items():
        totals[key] = totals.get(key, 0) + size
    nodes = [
        _node(column, key, size, whole, totals[key], facts, is_backward=column < _MIDDLE, is_around=True)
        for (column, key), size in sizes.items()
    ]
    links = []
    for column, source, target, is_before, row in moves:
        names = [
            _node_name(c, key, is_backward=c < _MIDDLE, is_around=True)
            for c, key in ((column, source), (column + 1, target))
        ]
        fill = channel_variable(source if is_before or target not in _ENDS else target)
        tip = f"{names[0]} → {names[1]}: {text.plural(row['count_journeys'], 'journey')}"
        links.append(flowing.Link(column, source, target, row["count_journeys"], fill, tip))
    here = text.plural(whole, "journey")
    headings = [
        ("Before", ""),
        ("Step before", ""),
        (text.shorten(label(anchor), 22), here),
        ("Next step", ""),
        ("After", ""),
    ]
    return flowing.flow(nodes, links, headings, width=WIDE, height=420)


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
        return "Last step" if column == 1 else f"{_ordinal(column)} last"
    return f"{_ordinal(column)} step"


def _ordinal(number: int) -> str:
    return _ORDINALS[number - 1] if number <= len(_ORDINALS) else f"{number}th"


def _node(
    column: int,
    key: str,
    size: int,
    whole: int,
    total: int,
    facts: Facts,
    *,
    is_backward: bool,
    is_around: bool = False,
) -> flowing.Node:
    name = _node_name(column, key, is_backward=is_backward, is_around=is_around)
    rank = _RANKS.get(key, 0)
    # Channels keep one order in every column; pooled ones stand below those with a name.
    order = (0.5, 0.0) if key.startswith(_OTHERS) else (rank, -float(total))
    written = text.with_share(size, size / whole, whole, facts.guard_n, "{} ({})")
    tip = f"{name}: {written} of {text.plural(whole, 'journey')}"
    fill = channel_variable(key)
    return flowing.Node(column, key, name, fill, size, written, tip, rank=(int(order[0] * 2), order[1]))


def _node_name(column: int, key: str, *, is_backward: bool, is_around: bool = False) -> str:
    if key == "(start)" and is_backward:
        return "Nothing seen" if column == 1 and not is_around else "Began here"
    if key == "(more steps)" and is_backward:
        return "More before"
    if key == "(conversion)" and column == 1:
        return "Order, unseen"
    if key.startswith(_OTHERS):
        return f"Other ({key.rpartition(' ')[2]}"
    return _ENDS.get(key) or label(key)


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
