"""Several marks a row on one scale, so that their disagreement is seen; a line spans from the least to the most."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pipeline.reporting import text
from pipeline.reporting.sheet import HALF, Scale, Sheet

ROW = 36
_FOOT = 26


@dataclass(frozen=True)
class Kind:
    """What one mark stands for."""

    name: str
    fill: str
    shape: str
    #: Drawn larger and last.
    is_main: bool = False


@dataclass(frozen=True)
class Row:
    """A name and its values, in the order of the kinds."""

    label: str
    values: tuple[float, ...]
    tips: tuple[str, ...]
    #: Stands below a line, with this text in the place of marks: all kinds give it the same.
    instead: str = ""


def marks(
    rows: Sequence[Row], kinds: Sequence[Kind], *, width: float = HALF, tick: Callable[[float], str] = text.compact
) -> Sheet:
    """Draw the rows below a legend of the kinds."""
    per_line = max(int(width // 220), 1)
    head = 10 + -(-len(kinds) // per_line) * 18 + 6
    label_width = min(max((len(row.label) for row in rows), default=0) * 6.9 + 12, width * 0.34)
    height = head + len(rows) * ROW + sum(8 for row in rows if row.instead) + _FOOT
    sheet = Sheet(width, height)
    for i, kind in enumerate(kinds):
        x, line = (i % per_line) * (width / per_line) + 8, 10 + (i // per_line) * 18
        sheet.dot(x, line, kind.fill, shape=kind.shape, radius=_radius(kind))
        sheet.text(x + 11, line, kind.name, size=11, bold=kind.is_main, most=int(width / per_line / 6.2))
    top = max((value for row in rows if not row.instead for value in row.values), default=0)
    scale = Scale(top, label_width + 8, width - 14, ticks=4)
    for value in scale.ticks:
        sheet.line(scale(value), head, scale(value), height - _FOOT + 2, "faint" if value == 0 else "grid")
        sheet.text(scale(value), height - _FOOT + 12, tick(value), size=10.5, fill="muted", align="center")
    y = float(head)
    for row in rows:
        if row.instead:
            sheet.line(0, y + 4, width, y + 4, "grid")
            y += 8
        _row(sheet, row, kinds, scale, y + ROW / 2, label_width)
        y += ROW
    return sheet


def _row(sheet: Sheet, row: Row, kinds: Sequence[Kind], scale: Scale, y: float, label_width: float) -> None:
    sheet.text(label_width - 6, y, row.label, align="right", most=max(int(label_width / 6.9), 8))
    if row.instead:
        sheet.text(scale(0) + 8, y, row.instead, size=11.5, fill="muted")
        return
    if row.values:
        sheet.line(scale(min(row.values)), y, scale(max(row.values)), y, "faint", thick=1.4)
    order = sorted(range(len(kinds)), key=lambda i: kinds[i].is_main)
    # Marks of equal value would hide one another, so each kind has its own height around the line.
    spread = 9.0
    for i in order:
        lane = 0.0 if kinds[i].is_main or len(kinds) < 3 else spread * (2 * i / (len(kinds) - 1) - 1)
        sheet.dot(
            scale(row.values[i]),
            y + lane,
            kinds[i].fill,
            shape=kinds[i].shape,
            radius=_radius(kinds[i]),
            tip=row.tips[i],
        )


def _radius(kind: Kind) -> float:
    return 5.0 if kind.is_main else 4.2
