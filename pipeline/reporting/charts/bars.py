"""Lying bars: one row a name, one or several measures side by side, each on its own scale from zero."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.reporting.sheet import HALF, Sheet

ROW = 25
_HEAD = 26
_LABEL_SIZE = 12


@dataclass(frozen=True)
class Bar:
    """One value of one row, from left to right in parts: size, colour name, hatched."""

    parts: tuple[tuple[float, str, bool], ...]
    written: str
    tip: str = ""
    #: Where the bar begins when it is not at zero, as in a waterfall.
    begin: float = 0.0

    @property
    def total(self) -> float:
        """Where the bar ends."""
        return self.begin + sum(value for value, _, _ in self.parts)


@dataclass(frozen=True)
class Row:
    """A name and its bars, one a measure."""

    label: str
    bars: tuple[Bar, ...]
    #: Stands below a line, such as what no channel earned.
    is_apart: bool = False
    #: Second, smaller line of the name.
    below: str = ""


def plain(value: float, fill: str, written: str, tip: str = "", *, hatched: bool = False) -> Bar:
    """Return a bar in one piece."""
    return Bar(((value, fill, hatched),), written, tip)


def bars(
    rows: Sequence[Row],
    headings: Sequence[str],
    *,
    width: float = HALF,
    legend: Sequence[tuple[str, str, bool]] = (),
    row_height: float = ROW,
    label_width: float = 0,
) -> Sheet:
    """Draw the rows; the value stands behind its bar."""
    longest = max((len(row.label) for row in rows), default=0)
    label_width = label_width or min(max(longest * 6.9 + 12, 70), width * 0.36)
    head = _HEAD + (20 if legend else 0)
    sheet = Sheet(width, head + len(rows) * row_height + sum(8 for row in rows if row.is_apart) + 6)
    panel = (width - label_width) / max(len(headings), 1)
    tops = [max((row.bars[i].total for row in rows), default=0) or 1 for i in range(len(headings))]
    # Words alone begin at the left end, so they leave the bars their room.
    written = [[row.bars[i].written for row in rows if row.bars[i].total] for i in range(len(headings))]
    texts = [max(map(len, mine), default=0) * 7 + 10 for mine in written]
    for i, heading in enumerate(headings):
        sheet.text(label_width + i * panel, head - 14, heading, size=11, fill="muted")
    y = float(head)
    for row in rows:
        if row.is_apart:
            sheet.line(0, y + 4, width, y + 4, "grid")
            y += 8
        middle = y + row_height / 2
        lift = 6 if row.below else 0
        sheet.text(
            label_width - 8,
            middle - lift,
            row.label,
            size=_LABEL_SIZE,
            align="right",
            most=max(int(label_width / 6.9), 8),
        )
        if row.below:
            sheet.text(label_width - 8, middle + 8, row.below, size=10, fill="muted", align="right")
        for i, bar in enumerate(row.bars):
            _bar(sheet, bar, label_width + i * panel, middle, max(panel - texts[i] - 8, 10) / tops[i], row_height)
        y += row_height
    _legend(sheet, legend, label_width)
    return sheet


def _bar(sheet: Sheet, bar: Bar, x: float, middle: float, unit: float, row_height: float) -> None:
    thick = min(row_height * 0.62, 22)
    sheet.line(x, middle - row_height / 2, x, middle + row_height / 2, "faint")
    x += bar.begin * unit
    for value, fill, hatched in bar.parts:
        if value > 0:
            sheet.rect(x, middle - thick / 2, max(value * unit, 0.8), thick, fill, hatched=hatched, tip=bar.tip)
            x += value * unit
    sheet.text(x + 6, middle, bar.written, size=11)


def _legend(sheet: Sheet, legend: Sequence[tuple[str, str, bool]], x: float) -> None:
    for label, fill, hatched in legend:
        sheet.rect(x, 3, 11, 11, fill, hatched=hatched)
        sheet.text(x + 16, 8.5, label, size=11, fill="muted")
        x += 16 + len(label) * 6.6 + 14
