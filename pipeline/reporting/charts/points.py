"""Shares over time with their 95 % interval, upright; those on too few cases are hollow and not said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.reporting import text
from pipeline.reporting.charts.dots import Rate
from pipeline.reporting.sheet import HALF, Scale, Sheet

_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 8, 24, 52


@dataclass(frozen=True)
class Point:
    """A rate at one label."""

    label: str
    rate: Rate
    #: Small text below the label, such as "so far".
    note: str = ""


def points(given: Sequence[Point], guard_n: int, *, width: float = HALF, height: float = 236) -> Sheet:
    """Draw the points side by side; labels that would touch are left out."""
    sheet = Sheet(width, height)
    enough = [p.rate.high or 0 for p in given if text.enough(p.rate.n, guard_n)]
    scale = Scale(max(enough or [p.rate.value or 0 for p in given], default=0), height - _BOTTOM, _TOP, most=1.0)
    for value in scale.ticks:
        sheet.line(_LEFT, scale(value), width - _RIGHT, scale(value), "faint" if value == 0 else "grid")
        sheet.text(_LEFT - 6, scale(value), f"{value * 100:.10g}{text.GAP}%", size=11, fill="muted", align="right")
    slot = (width - _LEFT - _RIGHT) / max(len(given), 1)
    every = -(-46 // int(max(slot, 1)))
    for index, point in enumerate(given):
        x = _LEFT + slot * (index + 0.5)
        _point(sheet, point.rate, scale, x, guard_n, says_value=slot >= 46)
        if index % every == (len(given) - 1) % every:
            y = height - _BOTTOM + 14
            for written, size, fill in (
                (point.label, 11, "muted"),
                (f"n {text.compact(point.rate.n)}", 10, "muted"),
                (point.note, 10, "warn"),
            ):
                if written:
                    sheet.text(x, y, written, size=size, fill=fill, align="center")
                    y += 13
    return sheet


def _point(sheet: Sheet, rate: Rate, scale: Scale, x: float, guard_n: int, *, says_value: bool) -> None:
    if rate.value is None or rate.low is None or rate.high is None:
        return
    is_enough = text.enough(rate.n, guard_n)
    fill = rate.fill if is_enough else "faint"
    top = min(rate.high, scale.top)
    sheet.line(x, scale(rate.low), x, scale(top), fill, thick=2.6 if is_enough else 1.2)
    if rate.value <= scale.top:
        sheet.dot(x, scale(rate.value), fill, hollow=not is_enough, tip=rate.tip)
    if says_value:
        shown = text.share(rate.value) if is_enough else "too few"
        sheet.text(
            x, scale(top) - 9, shown, size=11 if is_enough else 10, fill="ink" if is_enough else "muted", align="center"
        )
