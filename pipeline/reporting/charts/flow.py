"""A flow diagram: bars in columns, bands between them as thick as what flows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from pipeline.reporting import text
from pipeline.reporting.sheet import WIDE, Sheet

_HEAD, _BAR, _GAP, _SLOT = 40, 11, 5.0, 15.0
#: Room for the labels of the last column.
_LAST = 118


@dataclass(frozen=True)
class Node:
    """A bar: where journeys stand at one step."""

    column: int
    key: str
    label: str
    fill: str
    value: float
    written: str
    tip: str = ""
    #: Ends stand above (-1) or below (1) the channels (0); larger is further down.
    rank: tuple[int, float] = (0, 0)


@dataclass(frozen=True)
class Link:
    """A band from a node of one column to one of the next."""

    column: int
    source: str
    target: str
    value: float
    fill: str
    tip: str = ""


@dataclass
class _Place:
    """Where a node stands, and how much of it bands have taken on either side."""

    x: float
    top: float
    height: float
    taken: dict[str, float] = field(default_factory=lambda: {"in": 0.0, "out": 0.0})


def flow(
    nodes: Sequence[Node],
    links: Sequence[Link],
    headings: Sequence[tuple[str, str]],
    *,
    mirrored: bool = False,
    width: float = WIDE,
    height: float = 520,
) -> Sheet:
    """Draw the diagram; mirrored, the first column stands at the right, so that time still runs to the right."""
    sheet = Sheet(width, height)
    columns = [sorted((n for n in nodes if n.column == c), key=lambda n: (n.rank, n.key)) for c in range(len(headings))]
    unit = _unit(columns, height - _HEAD - 8)
    gap = (width - _BAR - _LAST - 2) / max(len(headings) - 1, 1)
    places: dict[tuple[int, str], _Place] = {}
    for c, column in enumerate(columns):
        shown_at = len(headings) - 1 - c if mirrored else c
        x = 2 + shown_at * gap
        if column:
            sheet.text(x, 9, headings[c][0], size=12, bold=True)
            sheet.text(x, 24, headings[c][1], size=10.5, fill="muted")
        y = float(_HEAD)
        for node in column:
            size = max(node.value * unit, 1.0)
            slot = max(size, _SLOT)
            places[c, node.key] = _Place(x, y + (slot - size) / 2, size)
            y += slot + _GAP
    _bands(sheet, links, places, unit, mirrored)
    for node in nodes:
        _node(sheet, node, places[node.column, node.key], gap if _has_neighbour(node, headings, mirrored) else _LAST)
    return sheet


def _unit(columns: Sequence[Sequence[Node]], room: float) -> float:
    """Return pixels per journey, so that the fullest column fits with room for every label."""
    unit = room / max((sum(n.value for n in column) for column in columns), default=1.0)
    for _ in range(40):
        needed = max(sum(max(n.value * unit, _SLOT) + _GAP for n in column) for column in columns)
        if needed <= room:
            break
        unit *= max(room / needed, 0.8)
    return unit


def _bands(
    sheet: Sheet, links: Sequence[Link], places: dict[tuple[int, str], _Place], unit: float, mirrored: bool
) -> None:
    """Draw the bands, each node's in the order of where they go, so that few cross."""
    starts: dict[Link, float] = {}
    for link in sorted(links, key=lambda k: places[k.column + 1, k.target].top):
        source = places[link.column, link.source]
        starts[link] = source.top + source.taken["out"]
        source.taken["out"] += link.value * unit
    for link in sorted(links, key=lambda k: places[k.column, k.source].top):
        source, target = places[link.column, link.source], places[link.column + 1, link.target]
        end = target.top + target.taken["in"]
        target.taken["in"] += link.value * unit
        thick = max(link.value * unit, 0.6)
        if mirrored:
            sheet.ribbon(target.x + _BAR, end, source.x, starts[link], thick, link.fill, tip=link.tip)
        else:
            sheet.ribbon(source.x + _BAR, starts[link], target.x, end, thick, link.fill, tip=link.tip)


def _node(sheet: Sheet, node: Node, place: _Place, room: float) -> None:
    sheet.rect(place.x, place.top, _BAR, place.height, node.fill, tip=node.tip)
    x, middle = place.x + _BAR + 5, place.top + place.height / 2
    most = max(int((room - _BAR - 8) / 6.3), 6)
    if place.height >= 30:
        sheet.text(x, middle - 7, node.label, size=11, bold=True, most=int(most * 0.82), halo=True)
        sheet.text(x, middle + 7, node.written, size=10.5, halo=True)
    else:
        number = node.written.partition(" (")[0]
        label = text.shorten(text.clean(node.label), max(most - len(number) - 2, 4))
        sheet.text(x, middle, f"{label} {number}", size=10.5, halo=True)


def _has_neighbour(node: Node, headings: Sequence[tuple[str, str]], mirrored: bool) -> bool:
    return node.column > 0 if mirrored else node.column < len(headings) - 1
