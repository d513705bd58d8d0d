"""Small panels, one a subject: a dot with its interval for each of the same kinds, and a band to differ within."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pipeline.reporting.sheet import WIDE, Scale, Sheet

_ROW, _HEAD, _FOOT, _GAP = 17, 42, 30, 18


@dataclass(frozen=True)
class Whisker:
    """One value with the ends of its interval; without ends it is hollow."""

    value: float
    low: float | None
    high: float | None
    fill: str
    tip: str = ""


@dataclass(frozen=True)
class Panel:
    """A title, a line below it, and one whisker a kind; None where there is none."""

    title: str
    note: str
    note_fill: str
    whiskers: tuple[Whisker | None, ...]
    #: Ends of the band drawn behind, and the line in its middle; None draws none.
    band: tuple[float, float, float] | None = None


def percent(value: float) -> str:
    """Write a share on an axis."""
    return f"{value * 100:.10g}%"


def whiskers(
    panels: Sequence[Panel],
    kinds: Sequence[str],
    *,
    main: str = "",
    per_line: int = 4,
    write: Callable[[float], str] = percent,
) -> Sheet:
    """Draw the panels in lines of `per_line`; each has an axis of its own from zero.

    Args:
        panels: The panels in their order.
        kinds: Names of the rows, the same in every panel.
        main: The name that is written bold.
        per_line: Panels side by side.
        write: How the values of the axis are written.
    """
    label = min(max((len(kind) for kind in kinds), default=0) * 6.4 + 12, 212)
    width = (WIDE - label) / per_line
    height = _HEAD + len(kinds) * _ROW + _FOOT
    lines = -(-len(panels) // per_line)
    sheet = Sheet(WIDE, lines * height + max(lines - 1, 0) * _GAP)
    for number, panel in enumerate(panels):
        left, top = label + (number % per_line) * width, (number // per_line) * (height + _GAP)
        if number % per_line == 0:
            for i, kind in enumerate(kinds):
                y = top + _HEAD + (i + 0.5) * _ROW
                sheet.text(label - 8, y, kind, size=11, align="right", bold=kind == main, most=32)
        _panel(sheet, panel, left + 12, top, width - 42, write)
    return sheet


def _panel(sheet: Sheet, panel: Panel, left: float, top: float, width: float, write: Callable[[float], str]) -> None:
    shown = [whisker for whisker in panel.whiskers if whisker is not None]
    ends = [end for w in shown for end in (w.high, w.value) if end is not None]
    if panel.band and panel.band[0] == panel.band[2]:
        # A line that stands alone is what the dots are compared with: it must be on the axis.
        ends.append(panel.band[1])
    scale = Scale(max(ends, default=0), left, left + width, ticks=3)
    foot = top + _HEAD + len(panel.whiskers) * _ROW
    sheet.text(left, top + 10, panel.title, size=12.5, bold=True, most=int(width / 7.4))
    sheet.text(left, top + 27, panel.note, size=11, fill=panel.note_fill, most=int(width / 6))
    if panel.band:
        low, middle, high = (min(max(value, 0), scale.top) for value in panel.band)
        if high > low:
            sheet.rect(
                scale(low), top + _HEAD - 2, scale(high) - scale(low), foot - top - _HEAD + 4, "grid", alpha=0.75
            )
        sheet.line(scale(middle), top + _HEAD - 2, scale(middle), foot + 2, "faint", dashed=True)
    for tick in scale.ticks:
        sheet.line(scale(tick), foot, scale(tick), foot + 4, "faint")
        sheet.text(scale(tick), foot + 14, write(tick), size=10, fill="muted", align="center")
    sheet.line(left, foot, left + width, foot, "faint")
    for i, whisker in enumerate(panel.whiskers):
        if whisker is None:
            continue
        y = top + _HEAD + (i + 0.5) * _ROW
        is_sure = whisker.low is not None and whisker.high is not None
        if whisker.low is not None and whisker.high is not None:
            low, high = (min(max(end, 0), scale.top) for end in (whisker.low, whisker.high))
            sheet.line(scale(low), y, scale(high), y, whisker.fill, thick=2.4)
        value = scale(max(whisker.value, 0))
        sheet.dot(value, y, whisker.fill if is_sure else "faint", radius=4, hollow=not is_sure, tip=whisker.tip)
