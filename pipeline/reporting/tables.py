"""Tables: the numbers behind a figure, or numbers of their own, for the page and as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pipeline.reporting import text
from pipeline.reporting.facts import Definition, Facts, Numbers

#: Between the channels of a path, where it is written as text.
STEP = " › "
#: Kinds of columns that no number stands in without its n.
GUARDED = ("share", "rate", "difference", "ratio", "mean", "range", "days", "minutes")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Column:
    """One column: where its value is and how it is written.

    Kinds: text, file, words and model (names of ours), channel, path, names (a list), raw (text that may hold personal
    data), count, money, decimal, exact, change, day, month, moment, flag; and those that are said on enough cases only:
    share, rate (a share with its interval), difference (of two shares, with its interval), ratio (of odds or amounts,
    with its interval), mean (of amounts, with its interval), range (the interval of a sum), days and minutes (a
    median).
    """

    key: str
    heading: str
    kind: str = "text"
    #: The columns with the ends of its interval and with n; on fewer cases than the guard allows it is not said.
    low: str = ""
    high: str = ""
    n: str = ""
    #: Draw the size of the value behind it.
    bar: bool = False
    #: Text of a cell without a value.
    nothing: str = text.NOTHING
    #: Longest text shown; the rest is in the cell's tip.
    most: int = 60

    @property
    def is_number(self) -> bool:
        """Stands right in its column."""
        return self.kind in ("count", "money", "decimal", "exact", "change", *GUARDED)

    def is_said(self, row: dict[str, Any], guard_n: int) -> bool:
        """Tell whether a row has cases enough for what stands in this column."""
        return not self.n or text.enough(row.get(self.n), guard_n)


@dataclass(frozen=True)
class Table:
    """Rows for people and, under the same names as in the mart, for a spreadsheet."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: Numbers
    #: Last row, with the sums.
    totals: dict[str, Any] | None = None
    #: Where the ledger shows how the sums come about: an id on its page.
    ledger: str = ""
    #: Rows shown before the rest is folded away.
    shown: int = 25
    #: Tells which rows stand apart, such as orders that no channel earned.
    apart: Callable[[dict[str, Any]], bool] | None = None
    #: Mart whose column comments explain the columns.
    source: str = ""
    note: str = ""
    definition: Definition | None = None
    meanings: dict[str, str] = field(default_factory=dict)


def written(column: Column, row: dict[str, Any], facts: Facts) -> str:
    """Return a cell as people read it."""
    value = row.get(column.key)
    if column.n and value is None and row.get(column.n) is None:
        return column.nothing
    if not column.is_said(row, facts.guard_n):
        return text.too_few(row.get(column.n))
    if column.kind == "rate":
        return text.rate(value, row.get(column.low), row.get(column.high), row.get(column.n), facts.guard_n)
    if column.kind == "difference":
        return text.difference(value, row.get(column.low), row.get(column.high))
    if column.kind in ("mean", "range", "ratio") and (value is not None or column.kind == "range"):
        digits = 2 if column.kind == "ratio" else facts.minor_digits
        if not column.low:
            return text.money(value, digits)
        low, high = (text.money(row.get(key), digits) for key in (column.low, column.high))
        return f"{low} to {high}" if column.kind == "range" else f"{text.money(value, digits)} ({low} to {high})"
    if value is None or value in ("", []):
        return column.nothing
    write: dict[str, Callable[[Any], str]] = {
        "count": text.count,
        "money": lambda v: text.money(v, facts.minor_digits),
        "decimal": text.decimal,
        "share": text.share,
        "days": text.days,
        "minutes": text.decimal,
        "day": text.day,
        "month": text.month,
        "moment": lambda v: text.moment(facts.local(v)),
        "exact": text.exact,
        "change": lambda v: f"{'+' if v > 0 else ''}{text.exact(v)}",
        "model": text.model_name,
        "words": text.words,
        "flag": lambda v: "yes" if v else "no",
        "path": lambda v: STEP.join(map(text.clean, v)),
        "names": lambda v: ", ".join(text.mask_email(text.clean(name)) for name in v),
        "raw": lambda v: text.mask_personal(text.clean(str(v)[:4000])),
    }
    return write.get(column.kind, lambda v: text.mask_email(text.clean(v)))(value)


def to_csv(table: Table, facts: Facts) -> bytes:
    """Return a table as CSV that a spreadsheet opens right: a byte-order mark, and no cell that runs as a formula."""
    target = io.StringIO()
    out = csv.writer(target, lineterminator="\r\n")
    keys = csv_keys(table.columns)
    guarded = {key: c for c in table.columns if c.n for key in (c.key, c.low, c.high) if key}
    out.writerow([key for key, _ in keys])
    for row in [*table.rows, *([table.totals] if table.totals else [])]:
        out.writerow(
            [
                "" if key in guarded and not guarded[key].is_said(row, facts.guard_n) else csv_cell(row.get(key), kind)
                for key, kind in keys
            ]
        )
    return "\ufeff".encode() + target.getvalue().encode("utf-8", "replace")


def csv_keys(columns: Sequence[Column]) -> list[tuple[str, str]]:
    """Return the columns of the CSV and their kinds: what is guarded brings the ends of its interval and its n."""
    keys: dict[str, str] = {}
    for column in columns:
        end = "share" if column.kind == "rate" else "money"
        parts = ((column.n, "count"), (column.key, column.kind), (column.low, end), (column.high, end))
        for key, kind in parts if column.n else [(column.key, column.kind)]:
            if key:
                keys.setdefault(key, kind)
    return list(keys.items())


def csv_cell(value: Any, kind: str) -> str:
    """Return one cell of a CSV; only numbers may begin with a sign."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds")
    if isinstance(value, date):
        return value.isoformat()
    written_out = STEP.join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
    safe = text.mask_personal(written_out) if kind == "raw" else text.mask_email(written_out)
    return "'" + safe if safe.startswith(_FORMULA) else safe
