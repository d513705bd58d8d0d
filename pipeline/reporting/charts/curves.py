"""Small panels side by side: shares that grow with time, or upright bars of shares, each with its 95 % interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from pipeline.reporting import text
from pipeline.reporting.charts.dots import Rate
from pipeline.reporting.sheet import WIDE, Scale, Sheet

_TALL, _LEFT, _RIGHT, _TOP, _BOTTOM = 208, 46, 14, 44, 34
_PER_LINE = 2


@dataclass(frozen=True)
class Step:
    """One place of a panel: where it stands, its share, and whether it may still change."""

    at: float
    label: str
    rate: Rate
    is_open: bool = False


@dataclass(frozen=True)
class Panel:
    """One funnel, or the like."""

    title: str
    steps: tuple[Step, ...]
    note: str = ""


def curves(panels: Sequence[Panel], guard_n: int) -> Sheet:
    """Draw shares as stairs that never fall, with a band for the interval; what stands on too few is left out."""
    sheet, boxes = _boxes(panels)
    for panel, (left, top, width) in zip(panels, boxes, strict=True):
        scale, across = _axes(sheet, panel, left, top, width, guard_n)
        said = [step for step in panel.steps if text.enough(step.rate.n, guard_n)]
        if not said:
            sheet.text(left + _LEFT, top + _TALL / 2, "too few to say", fill="muted")
        for step, after in pairwise(said):
            begin, end, rate = across(step.at), across(after.at), step.rate
            if rate.low is not None and rate.high is not None:
                high = min(rate.high, scale.top)
                sheet.rect(
                    begin, scale(high), end - begin, scale(rate.low) - scale(high), "accent", alpha=0.22, tip=rate.tip
                )
            sheet.line(begin, scale(rate.value or 0), end, scale(rate.value or 0), "accent", thick=2.2)
            sheet.line(end, scale(rate.value or 0), end, scale(after.rate.value or 0), "accent", thick=2.2)
    return sheet


def shares(panels: Sequence[Panel], guard_n: int) -> Sheet:
    """Draw shares as upright bars with their interval; what may still change is hatched."""
    sheet, boxes = _boxes(panels)
    for panel, (left, top, width) in zip(panels, boxes, strict=True):
        scale, across = _axes(sheet, panel, left, top, width, guard_n)
        slot = across(1) - across(0)
        for step in panel.steps:
            rate, x = step.rate, across(step.at)
            is_enough = text.enough(rate.n, guard_n)
            fill = "open" if step.is_open else "accent" if is_enough else "faint"
            value = min(rate.value or 0, scale.top)
            sheet.rect(
                x - slot * 0.34, scale(value), slot * 0.68, scale(0) - scale(value), fill,
                hatched=step.is_open or not is_enough, tip=rate.tip,
            )  # fmt: skip
            if is_enough and rate.low is not None and rate.high is not None:
                sheet.line(x, scale(rate.low), x, scale(min(rate.high, scale.top)), "ink", thick=1.4)
    return sheet


def _boxes(panels: Sequence[Panel]) -> tuple[Sheet, list[tuple[float, float, float]]]:
    per_line = min(max(len(panels), 1), _PER_LINE)
    width = WIDE / per_line
    lines = -(-len(panels) // per_line)
    places = [(i % per_line * width, float(i // per_line * _TALL), width) for i in range(len(panels))]
    return Sheet(WIDE, max(lines, 1) * _TALL), places


def _axes(sheet: Sheet, panel: Panel, left: float, top: float, width: float, guard_n: int) -> tuple[Scale, _Across]:
    """Write the title and both axes of a panel; the upright one begins at zero."""
    enough = [step.rate.high or 0 for step in panel.steps if text.enough(step.rate.n, guard_n)]
    others = [step.rate.value or 0 for step in panel.steps]
    scale = Scale(max(enough or others, default=0) or 1.0, top + _TALL - _BOTTOM, top + _TOP, ticks=3, most=1.0)
    sheet.text(left + _LEFT, top + 11, panel.title, size=12, bold=True, most=int((width - _LEFT) / 8))
    if panel.note:
        sheet.text(left + _LEFT, top + 25, panel.note, size=10.5, fill="muted", most=int((width - _LEFT) / 6))
    for tick in scale.ticks:
        sheet.line(left + _LEFT, scale(tick), left + width - _RIGHT, scale(tick), "faint" if tick == 0 else "grid")
        sheet.text(
            left + _LEFT - 6, scale(tick), f"{tick * 100:.10g}{text.GAP}%", size=10.5, fill="muted", align="right"
        )
    first, last = (panel.steps[0].at, panel.steps[-1].at) if panel.steps else (0.0, 1.0)
    pad = 22.0
    across = _Across(left + _LEFT + pad, left + width - _RIGHT - pad, first, last if last > first else first + 1)
    room, end = 52.0, -1e9
    for step in panel.steps:
        if step.label and across(step.at) - end >= room:
            sheet.text(across(step.at), top + _TALL - _BOTTOM + 14, step.label, size=10.5, fill="muted", align="center")
            end = across(step.at)
    return scale, across


@dataclass(frozen=True)
class _Across:
    begin: float
    end: float
    first: float
    last: float

    def __call__(self, at: float) -> float:
        return self.begin + (self.end - self.begin) * (at - self.first) / (self.last - self.first)
