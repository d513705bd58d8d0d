"""Lying bars on one scale from zero, each with the ends of its interval, and a line below its name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pipeline.reporting import text
from pipeline.reporting.sheet import WIDE, Scale, Sheet

_ROW, _HEAD, _FOOT, _ROOM = 38, 26, 26, 190
#: Widths of a letter of the two lines of a name, and the part of the drawing that names may take.
_LETTER, _SMALL, _NAMES = 6.7, 5.8, 0.42


@dataclass(frozen=True)
class Row:
    """A name, its value, the ends of its interval, and what stands behind them."""

    label: str
    below: str
    value: float
    low: float
    high: float
    fill: str
    written: str
    tip: str = ""
    #: Heading of the rows from here on; empty goes on as before.
    begins: str = ""


def ranges(rows: Sequence[Row], *, tick: Callable[[float], str] = text.compact, width: float = WIDE) -> Sheet:
    """Draw the rows; a heading stands above the row it begins with."""
    height = _FOOT + 6 + sum(_ROW + (_HEAD if row.begins else 0) for row in rows)
    sheet = Sheet(width, height)
    longest = max((max(len(row.label) * _LETTER, len(row.below) * _SMALL) for row in rows), default=0)
    names = min(longest + 6, width * _NAMES)
    scale = Scale(max((row.high for row in rows), default=0), names + 8, width - _ROOM, ticks=5)
    for value in scale.ticks:
        sheet.line(scale(value), 6, scale(value), height - _FOOT + 2, "faint" if value == 0 else "grid")
        sheet.text(scale(value), height - _FOOT + 13, tick(value), size=10.5, fill="muted", align="center")
    y = 6.0
    for row in rows:
        if row.begins:
            sheet.text(0, y + _HEAD / 2, row.begins, size=11.5, bold=True, most=46)
            y += _HEAD
        middle = y + _ROW / 2
        sheet.text(names, middle - 8, row.label, size=12, align="right", most=int(names / _LETTER))
        sheet.text(names, middle + 8, row.below, size=10.5, fill="muted", align="right", most=int(names / _SMALL))
        sheet.rect(scale(0), middle - 9, max(scale(row.value) - scale(0), 0.8), 18, row.fill, alpha=0.45, tip=row.tip)
        sheet.line(scale(row.low), middle, scale(row.high), middle, row.fill, thick=2.4)
        for end in (row.low, row.high):
            sheet.line(scale(end), middle - 5, scale(end), middle + 5, row.fill, thick=2.0)
        sheet.text(width - _ROOM + 12, middle, row.written, size=11.5)
        y += _ROW
    return sheet
