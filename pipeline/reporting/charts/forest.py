"""Estimates with their intervals beside a line of no effect: a dot a row, hollow where it must not be believed."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pipeline.reporting.sheet import WIDE, Sheet, nice_ticks

_ROW, _HEAD, _FOOT, _LABEL, _NOTE = 24, 24, 34, 210, 366
#: Characters in a line of a note, how many lines it may have, and how far they lie apart.
_WIDE_NOTE, _MOST_LINES, _LINE = 56, 3, 13.5
#: Outermost ratio of an axis -> the others it shows.
_STEPS: dict[float, tuple[float, ...]] = {
    1.25: (), 1.5: (1.25,), 2: (1.5,), 3: (2,), 5: (2,), 10: (2, 5), 20: (2, 5), 50: (5,), 100: (10,), 1000: (10, 100),
}  # fmt: skip


@dataclass(frozen=True)
class Estimate:
    """One row; without a value it says only its note. A row without label and value is a heading."""

    label: str
    value: float | None
    low: float | None
    high: float | None
    fill: str
    note: str
    tip: str = ""
    is_hollow: bool = False


@dataclass(frozen=True)
class Group:
    """A heading and its rows."""

    title: str
    rows: tuple[Estimate, ...]


def forest(
    groups: Sequence[Group], *, is_ratio: bool, axis: str, tick: Callable[[float], str], width: float = WIDE
) -> Sheet:
    """Draw the groups below one another on one axis.

    Args:
        groups: The groups; one without a title has no heading.
        is_ratio: Values are ratios: the axis is logarithmic around 1, else linear around 0.
        axis: What stands below the axis.
        tick: Writes a value of the axis.
        width: Width of the sheet.
    """
    rows = [row for group in groups for row in group.rows]
    foot = _HEAD + _ROW * sum(bool(group.title) for group in groups) + sum(map(_height, rows))
    sheet = Sheet(width, foot + _FOOT)
    turn: Callable[[float], float] = math.log if is_ratio else float
    ends = [abs(turn(end)) for row in rows for end in (row.value, row.low, row.high) if end is not None]
    # One wide interval must not press all others together; it is cut at the edge, with an arrow.
    solid = [abs(turn(r.value)) for r in rows if r.value is not None and not r.is_hollow]
    most = min(max(ends, default=0.2), max(3 * max(solid, default=0), math.log(4) if is_ratio else 0.02))
    marks = _ratio_ticks(most) if is_ratio else _even_ticks(most)
    reach = max(abs(turn(mark)) for mark in marks)
    left, right = _LABEL + 12, width - _NOTE
    middle, half = (left + right) / 2, (right - left) / 2

    def place(value: float) -> float:
        return middle + half * max(-1.0, min(1.0, turn(value) / reach))

    for mark in marks:
        is_none = turn(mark) == 0
        sheet.line(place(mark), _HEAD - 6, place(mark), foot + 4, "muted" if is_none else "grid", dashed=is_none)
        sheet.text(place(mark), foot + 13, tick(mark), size=10.5, fill="muted", align="center")
    sheet.text(middle, foot + 28, axis, size=10.5, fill="muted", align="center")
    top: float = _HEAD
    for group in groups:
        if group.title:
            sheet.text(0, top + _ROW / 2, group.title, size=11.5, fill="muted", bold=True)
            top += _ROW
        for row in group.rows:
            _row(sheet, row, top + _height(row) / 2, place, turn, reach, right)
            top += _height(row)
    return sheet


def _lines(note: str) -> list[str]:
    return textwrap.wrap(note, _WIDE_NOTE, max_lines=_MOST_LINES, placeholder=" …") or [""]


def _height(row: Estimate) -> float:
    return _ROW + _LINE * (len(_lines(row.note)) - 1)


def _row(
    sheet: Sheet,
    row: Estimate,
    y: float,
    place: Callable[[float], float],
    turn: Callable[[float], float],
    reach: float,
    right: float,
) -> None:
    sheet.text(_LABEL, y, row.label, size=11.5, align="right", most=30)
    lines = _lines(row.note)
    for number, line in enumerate(lines):
        at = y + _LINE * (number - (len(lines) - 1) / 2)
        sheet.text(right + 14, at, line, size=11, fill="ink" if row.value is not None else "muted")
    if row.value is None:
        return
    if row.low is not None and row.high is not None:
        sheet.line(place(row.low), y, place(row.high), y, row.fill, thick=1.4 if row.is_hollow else 2.4)
        for end, shape in ((row.low, "left"), (row.high, "right")):
            if abs(turn(end)) > reach * 1.0001:
                sheet.dot(place(end), y, row.fill, radius=3, shape=shape)
    sheet.dot(place(row.value), y, row.fill, radius=4.5, hollow=row.is_hollow, tip=row.tip)


def _ratio_ticks(most: float) -> list[float]:
    """Return ratios from 1 outwards, the same on both sides, so that the last holds `most` in logarithms."""
    last = next((step for step in _STEPS if math.log(step) >= most * 0.999), max(_STEPS))
    steps = [*_STEPS[last], last]
    return sorted([1 / step for step in steps] + [1.0] + steps)


def _even_ticks(most: float) -> list[float]:
    steps = [mark for mark in nice_ticks(most, 3) if mark > 0]
    return sorted([-step for step in steps] + [0.0] + steps)
