"""A table of counts, the more the darker; the number stands in each cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.reporting.sheet import HALF, Sheet

_ROW, _HEAD = 30, 44
#: Text stays readable on the darkest cell in light and in dark.
_DARKEST = 0.62


@dataclass(frozen=True)
class Cell:
    """One cell: how dark it is decided by its value."""

    value: float
    written: str
    tip: str = ""


def heat(
    rows: Sequence[tuple[str, str]],
    columns: Sequence[tuple[str, str]],
    cells: Mapping[tuple[str, str], Cell],
    *,
    fill: str,
    width: float = HALF,
) -> Sheet:
    """Draw rows x columns; each is its key and its heading."""
    longest = max((len(label) for _, label in rows), default=0)
    label_width = min(max(longest * 6.9 + 12, 70), width * 0.34)
    sheet = Sheet(width, _HEAD + len(rows) * _ROW + 4)
    size = (width - label_width) / max(len(columns), 1)
    top = max((cell.value for cell in cells.values()), default=0) or 1
    for i, (_, heading) in enumerate(columns):
        first, _, second = heading.partition("\n")
        sheet.text(label_width + (i + 0.5) * size, 13, first, size=11, align="center", most=int(size / 5.9))
        sheet.text(
            label_width + (i + 0.5) * size, 29, second, size=10.5, fill="muted", align="center", most=int(size / 6)
        )
    for j, (row, label) in enumerate(rows):
        y = _HEAD + j * _ROW
        sheet.text(label_width - 8, y + _ROW / 2, label, align="right", most=max(int(label_width / 6.9), 8))
        for i, (key, _) in enumerate(columns):
            x = label_width + i * size
            cell = cells.get((row, key))
            if cell is None or not cell.value:
                sheet.rect(x + 1.5, y + 1.5, size - 3, _ROW - 3, "grid", alpha=0.35)
                sheet.text(x + size / 2, y + _ROW / 2, "0", size=11, fill="faint", align="center")
                continue
            sheet.rect(
                x + 1.5,
                y + 1.5,
                size - 3,
                _ROW - 3,
                fill,
                alpha=0.06 + (_DARKEST - 0.06) * cell.value / top,
                tip=cell.tip,
            )
            sheet.text(x + size / 2, y + _ROW / 2, cell.written, size=11.5, align="center")
    return sheet
