"""Day by day: a thin bar for each day and a line of the mean of a week, one panel for each measure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from pipeline.reporting import text
from pipeline.reporting.sheet import WIDE, Scale, Sheet

_LEFT, _RIGHT, _HEAD, _PLOT, _GAP, _FOOT = 56, 12, 24, 104, 16, 24
_WEEK = 7


@dataclass(frozen=True)
class Panel:
    """One measure: a value for each day."""

    title: str
    values: tuple[float, ...]
    fill: str
    write: Callable[[float], str]


def days(first: date, panels: Sequence[Panel], *, closed: int | None = None, width: float = WIDE) -> Sheet:
    """Draw the panels over one axis of days that begins at `first`.

    Args:
        first: Day of the first values.
        panels: The measures.
        closed: How many days are final; those after them are hatched, and no mean counts them. Default: all.
        width: Width of the sheet.
    """
    sheet = Sheet(width, len(panels) * (_HEAD + _PLOT + _GAP) + _FOOT - _GAP)
    count = len(panels[0].values) if panels else 0
    slot = (width - _LEFT - _RIGHT) / max(count, 1)
    bottom = 0.0
    for index, panel in enumerate(panels):
        top = index * (_HEAD + _PLOT + _GAP) + _HEAD
        bottom = top + _PLOT
        sheet.text(_LEFT, top - 14, panel.title, bold=True)
        _panel(
            sheet,
            panel,
            first,
            Scale(max(panel.values, default=0), bottom, top, ticks=3),
            slot,
            count if closed is None else closed,
        )
    if panels and closed is not None and closed < count:
        sheet.rect(width - _RIGHT - 118, _HEAD - 20, 11, 11, panels[0].fill, hatched=True)
        sheet.text(width - _RIGHT - 102, _HEAD - 14, "may still change", size=11, fill="muted")
    for offset in _mondays(first, count, slot):
        day = first + timedelta(days=offset)
        sheet.text(
            _LEFT + slot * (offset + 0.5), bottom + 15, f"{day.day} {day:%b}", size=11, fill="muted", align="center"
        )
    return sheet


def _panel(sheet: Sheet, panel: Panel, first: date, scale: Scale, slot: float, closed: int) -> None:
    for value in scale.ticks:
        sheet.line(_LEFT, scale(value), sheet.width - _RIGHT, scale(value), "faint" if value == 0 else "grid")
        sheet.text(_LEFT - 6, scale(value), text.compact(value), size=11, fill="muted", align="right")
    for offset, value in enumerate(panel.values):
        day = first + timedelta(days=offset)
        is_open = offset >= closed
        tip = f"{day:%a} {day.day} {day:%b %Y}: {panel.write(value)}{' (may still change)' if is_open else ''}"
        height = scale(0) - scale(max(value, 0))
        left = _LEFT + slot * offset
        sheet.rect(
            left + slot * 0.14, scale(0) - height, slot * 0.72, height, panel.fill, alpha=0.4, hatched=is_open, tip=tip
        )
    means = weekly_means(panel.values[:closed])
    for (before, low), (after, high) in pairwise(means):
        x0, x1 = (_LEFT + slot * (offset + 0.5) for offset in (before, after))
        sheet.line(x0, scale(low), x1, scale(high), panel.fill, thick=2.2)


def weekly_means(values: Sequence[float]) -> list[tuple[int, float]]:
    """Return the mean of each day and the six before it; the first six days have none."""
    return [(last, sum(values[last - _WEEK + 1 : last + 1]) / _WEEK) for last in range(_WEEK - 1, len(values))]


def _mondays(first: date, count: int, slot: float) -> list[int]:
    """Return the offsets of Mondays, or of every few of them, that have room for their text."""
    found = [offset for offset in range(count) if (first + timedelta(days=offset)).weekday() == 0]
    every = max(1, -(-58 // max(int(slot * _WEEK), 1)))
    return found[::every]
