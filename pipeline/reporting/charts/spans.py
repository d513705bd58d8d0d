"""Spans of time: what each row covers, from its first to its last day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from pipeline.reporting import text
from pipeline.reporting.sheet import WIDE, Sheet

_ROW, _HEAD, _FOOT = 26, 10, 26


@dataclass(frozen=True)
class Span:
    """One bar between two days."""

    begin: date
    end: date
    fill: str
    tip: str = ""
    is_hatched: bool = False


@dataclass(frozen=True)
class Row:
    """A name, its spans, and a text at the right."""

    label: str
    spans: tuple[Span, ...]
    written: str


def spans(
    rows: Sequence[Row],
    *,
    until: date | None = None,
    legend: Sequence[tuple[str, str, bool]] = (),
    width: float = WIDE,
) -> Sheet:
    """Draw the rows on one axis of days.

    Args:
        rows: The rows.
        until: Day behind which a dashed line is drawn.
        legend: Name, colour and hatching of each kind of span.
        width: Width of the sheet.
    """
    head = _HEAD + (24 if legend else 0)
    label_width = min(max((len(row.label) for row in rows), default=0) * 6.9 + 14, width * 0.28)
    right = max((len(row.written) for row in rows), default=0) * 6.4 + 16
    sheet = Sheet(width, head + len(rows) * _ROW + _FOOT)
    first = min((span.begin for row in rows for span in row.spans), default=date(2000, 1, 1))
    last = max((span.end for row in rows for span in row.spans), default=first)
    last = max(last, until or last)
    length = (last - first).days + 1
    plot = width - label_width - right

    def place(day: date) -> float:
        return label_width + plot * (day - first).days / length

    x = label_width
    for name, fill, is_hatched in legend:
        sheet.rect(x, 6, 11, 11, fill, hatched=is_hatched, alpha=0.85)
        sheet.text(x + 16, 11.5, name, size=11, fill="muted")
        x += 16 + len(name) * 6.2 + 16
    bottom = sheet.height - _FOOT
    for tick in _ticks(first, last, plot):
        sheet.line(place(tick), head - 4, place(tick), bottom + 3, "grid")
        sheet.text(place(tick), bottom + 13, f"{tick.day} {tick:%b %Y}", size=10.5, fill="muted", align="center")
    for j, row in enumerate(rows):
        middle = head + (j + 0.5) * _ROW
        sheet.text(label_width - 8, middle, row.label, align="right", most=max(int(label_width / 6.9), 8))
        for span in row.spans:
            begin, end = place(span.begin), place(span.end + timedelta(days=1))
            sheet.rect(
                begin,
                middle - 7,
                max(end - begin - 1, 2),
                14,
                span.fill,
                hatched=span.is_hatched,
                alpha=0.85,
                tip=span.tip,
            )
        sheet.text(width - right + 10, middle, row.written, size=11, fill="muted")
    if until is not None:
        x = place(until + timedelta(days=1))
        sheet.line(x, head - 4, x, bottom + 3, "warn", dashed=True)
    return sheet


def _ticks(first: date, last: date, plot: float) -> list[date]:
    """Return first days of months (or of every few) that have room for their text."""
    months = []
    day = first.replace(day=1)
    while day <= last:
        if day >= first:
            months.append(day)
        day = (day + timedelta(days=32)).replace(day=1)
    if len(months) < 2:
        return [first] if first == last else [first, last]
    every = -(-len(months) * 92 // int(max(plot, 92)))
    return months[::every]


def covered(begin: date, end: date) -> str:
    """Write the days a span covers."""
    return f"{text.period(begin, end)}, {text.plural((end - begin).days + 1, 'day')}"
