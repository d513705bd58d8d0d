"""Rows of small tiles: in which of many cases something holds, with the cases in groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.reporting.sheet import WIDE, Sheet

_ROW, _HEAD, _GAP, _RIGHT = 27, 46, 12, 92


@dataclass(frozen=True)
class Row:
    """A name, whether it holds in each case, and a text at the right; pale where it is not said for sure."""

    label: str
    holds: tuple[bool, ...]
    written: str
    tip: str = ""
    is_pale: bool = False


def tiles(rows: Sequence[Row], groups: Sequence[tuple[str, str, int]], *, width: float = WIDE) -> Sheet:
    """Draw the rows; a full tile holds, an open one does not.

    Args:
        rows: The rows, each with as many cases as the groups have together.
        groups: Heading, a smaller line below it, and number of cases of each group.
        width: Width of the sheet.
    """
    label_width = min(max((len(row.label) for row in rows), default=0) * 6.7 + 14, width * 0.36)
    cases = sum(count for _, _, count in groups)
    size = (width - label_width - _RIGHT - _GAP * len(groups)) / max(cases, 1)
    sheet = Sheet(width, _HEAD + len(rows) * _ROW + 4)
    lefts: list[float] = []
    left = label_width
    for heading, note, count in groups:
        sheet.text(left, 12, heading, size=12, bold=True, most=int(count * size / 6.6))
        sheet.text(left, 30, note, size=10.5, fill="muted", most=int(count * size / 5.6))
        lefts += [left + place * size for place in range(count)]
        left += count * size + _GAP
    for number, row in enumerate(rows):
        y = _HEAD + number * _ROW
        sheet.text(label_width - 10, y + _ROW / 2, row.label, size=12, align="right", most=int(label_width / 6.7))
        fill = "faint" if row.is_pale else "accent"
        for x, holds in zip(lefts, row.holds, strict=True):
            if holds:
                sheet.rect(x, y + 5, size - 2.5, _ROW - 10, fill, alpha=0.85, tip=row.tip)
            else:
                sheet.rect(x, y + 5, size - 2.5, _ROW - 10, "grid", alpha=0.35, tip=row.tip)
                sheet.frame(x, y + 5, size - 2.5, _ROW - 10, "warn")
        colour = "muted" if row.is_pale else "ink"
        sheet.text(width - _RIGHT + 8, y + _ROW / 2, row.written, size=12, fill=colour, bold=not row.is_pale)
    return sheet
