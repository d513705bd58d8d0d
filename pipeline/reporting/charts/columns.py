"""Upright bars over time; every axis begins at zero."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pipeline.reporting import text
from pipeline.reporting.sheet import HALF, Scale, Sheet

_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 8, 24, 40


@dataclass(frozen=True)
class Column:
    """One bar, or several stacked ones, over one label."""

    label: str
    #: Values from bottom to top with the name of their colour.
    parts: tuple[tuple[float, str], ...]
    written: str
    tip: str
    #: Why the bar is not whole, such as "so far"; such a bar is hatched.
    note: str = ""
    #: It may still change.
    is_open: bool = False
    #: Ends of the interval of the total, drawn as a line over the bar.
    ends: tuple[float, float] | None = None

    @property
    def total(self) -> float:
        """Height of the stack."""
        return sum(value for value, _ in self.parts)

    @property
    def top(self) -> float:
        """Highest point that is drawn."""
        return max(self.total, self.ends[1]) if self.ends else self.total


def columns(
    bars: Sequence[Column],
    *,
    legend: Sequence[tuple[str, str]] = (),
    tick: Callable[[float], str] = text.compact,
    width: float = HALF,
    height: float = 236,
) -> Sheet:
    """Draw bars side by side; labels and values that would touch are left out."""
    sheet = Sheet(width, height)
    open_fill = next((bar.parts[-1][1] for bar in bars if bar.is_open and bar.parts), "")
    top = _TOP + (16 if legend or open_fill else 0)
    scale = Scale(max((bar.top for bar in bars), default=0), height - _BOTTOM, top)
    for value in scale.ticks:
        sheet.line(_LEFT, scale(value), width - _RIGHT, scale(value), "faint" if value == 0 else "grid")
        sheet.text(_LEFT - 6, scale(value), tick(value), size=11, fill="muted", align="right")
    slot = (width - _LEFT - _RIGHT) / max(len(bars), 1)
    thick = min(slot * 0.68, 56)
    every = -(-46 // int(max(slot, 1)))
    has_values = all(slot >= len(bar.written) * 7.2 + 4 for bar in bars)
    for index, bar in enumerate(bars):
        middle = _LEFT + slot * (index + 0.5)
        base = scale(0)
        for value, fill in bar.parts:
            size = scale(0) - scale(value)
            sheet.rect(middle - thick / 2, base - size, thick, size, fill, hatched=bool(bar.note), tip=bar.tip)
            base -= size
        if bar.ends:
            sheet.line(middle, scale(bar.ends[0]), middle, scale(bar.ends[1]), "ink", thick=1.4)
        if has_values:
            sheet.text(middle, scale(bar.top) - 9, bar.written, size=11, align="center")
        if index % every == (len(bars) - 1) % every:
            sheet.text(middle, height - _BOTTOM + 14, bar.label, size=11, fill="muted", align="center")
            if bar.note:
                sheet.text(middle, height - _BOTTOM + 28, bar.note, size=10, fill="warn", align="center")
    _legend(sheet, legend, open_fill)
    return sheet


def _legend(sheet: Sheet, legend: Sequence[tuple[str, str]], open_fill: str) -> None:
    x = float(_LEFT)
    entries = [(label, fill, False) for label, fill in legend]
    for label, fill, hatched in [*entries, *([("part, or may still change", open_fill, True)] if open_fill else [])]:
        sheet.rect(x, 5, 11, 11, fill, hatched=hatched)
        sheet.text(x + 16, 10.5, label, size=11, fill="muted")
        x += 16 + len(label) * 6.2 + 14
