"""Dots with their 95 % interval; those on too few cases are hollow and grey, and their number is not said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.reporting import text
from pipeline.reporting.sheet import HALF, Scale, Sheet

ROW = 25
_HEAD, _FOOT = 28, 26


@dataclass(frozen=True)
class Rate:
    """A share of n cases with the ends of its interval."""

    value: float | None
    low: float | None
    high: float | None
    n: float
    fill: str = "accent"
    tip: str = ""

    @classmethod
    def of(cls, row: dict[str, Any], key: str, n: str, *, fill: str = "accent", tip: str = "") -> Rate:
        """Take a rate and its interval from a row of numbers."""
        return cls(row[key], row[f"{key}_low"], row[f"{key}_high"], row[n] or 0, fill, tip)


@dataclass(frozen=True)
class Row:
    """A name and its rates, one a panel; None where there is none."""

    label: str
    rates: tuple[Rate | None, ...]
    is_apart: bool = False
    #: Small text behind the name, such as "so far".
    note: str = ""


def dots(
    rows: Sequence[Row],
    headings: Sequence[str],
    guard_n: int,
    *,
    width: float = HALF,
    says_values: bool = True,
    shared_scale: bool = True,
    row_height: float = ROW,
) -> Sheet:
    """Draw one panel a heading, rows shared; axes begin at zero."""
    longest = max((len(row.label) + (len(row.note) + 1 if row.note else 0) for row in rows), default=0)
    label_width = min(max(longest * 6.9 + 12, 60), width * 0.38 if len(headings) == 1 else width * 0.22)
    height = _HEAD + len(rows) * row_height + sum(8 for row in rows if row.is_apart) + _FOOT
    sheet = Sheet(width, height)
    panel = (width - label_width) / max(len(headings), 1)
    room = 108 if says_values else 14
    tops = [_top(rows, [i], guard_n) for i in range(len(headings))]
    if shared_scale:
        tops = [max(tops, default=0)] * len(headings)
    scales = [
        Scale(
            top,
            label_width + i * panel + 6,
            label_width + (i + 1) * panel - room,
            ticks=max(int((panel - room) / 48), 2),
            most=1.0,
        )
        for i, top in enumerate(tops)
    ]
    for i, (heading, scale) in enumerate(zip(headings, scales, strict=True)):
        sheet.text(label_width + i * panel + 6, 11, heading, size=12, bold=len(headings) > 1, most=int(panel / 7))
        for tick in scale.ticks:
            sheet.line(scale(tick), _HEAD - 4, scale(tick), height - _FOOT + 2, "faint" if tick == 0 else "grid")
            sheet.text(scale(tick), height - _FOOT + 12, _percent(tick), size=10.5, fill="muted", align="center")
    _rows(sheet, rows, scales, label_width, guard_n, says_values, row_height)
    return sheet


def _rows(
    sheet: Sheet,
    rows: Sequence[Row],
    scales: Sequence[Scale],
    label_width: float,
    guard_n: int,
    says_values: bool,
    row_height: float,
) -> None:
    y = float(_HEAD)
    for row in rows:
        if row.is_apart:
            sheet.line(0, y + 4, sheet.width, y + 4, "grid")
            y += 8
        middle = y + row_height / 2
        noted = len(row.note) * 5.8 + 5 if row.note else 0
        room = max(int((label_width - 8 - noted) / 6.9), 6)
        sheet.text(label_width - 8 - noted, middle, row.label, align="right", most=room)
        if row.note:
            sheet.text(label_width - 8, middle, row.note, size=10, fill="warn", align="right")
        for rate, scale in zip(row.rates, scales, strict=True):
            if rate is not None:
                _rate(sheet, rate, scale, middle, guard_n, says_values)
        y += row_height


def _rate(sheet: Sheet, rate: Rate, scale: Scale, y: float, guard_n: int, says_values: bool) -> None:
    is_enough = text.enough(rate.n, guard_n) and rate.value is not None
    fill = rate.fill if is_enough else "faint"
    end = scale(scale.top)
    if rate.value is not None and rate.low is not None and rate.high is not None:
        sheet.line(
            scale(min(rate.low, scale.top)), y, min(scale(rate.high), end), y, fill, thick=2.6 if is_enough else 1.2
        )
        if rate.value <= scale.top:
            sheet.dot(scale(rate.value), y, fill, hollow=not is_enough, tip=rate.tip)
    if says_values:
        x = end + 12
        if is_enough:
            sheet.text(x, y, text.share(rate.value), size=11.5)
            sheet.text(x + 52, y, f"n {text.compact(rate.n)}", size=10, fill="muted")
        else:
            sheet.text(
                x,
                y,
                f"too few (n = {text.count(rate.n)})",
                size=10,
                fill="muted",
            )


def _top(rows: Sequence[Row], panels: Sequence[int], guard_n: int) -> float:
    rates = [row.rates[i] for row in rows for i in panels]
    enough = [
        rate.high for rate in rates if rate is not None and rate.high is not None and text.enough(rate.n, guard_n)
    ]
    others = [rate.value for rate in rates if rate is not None and rate.value is not None]
    return min(max(enough or others or [1.0]), 1.0)


def _percent(value: float) -> str:
    return f"{value * 100:.10g}{text.GAP}%"
