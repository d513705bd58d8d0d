"""Which published numbers the last run moved, by how much, and because of which files."""

from __future__ import annotations

from typing import Any

from pipeline.reporting import text
from pipeline.reporting.facts import Facts, Numbers
from pipeline.reporting.numbers.changes import details_numbers, earlier_numbers, last_numbers, runs_compared
from pipeline.reporting.page import Content
from pipeline.reporting.tables import Column, Table
from pipeline.warehouse import Warehouse

ORDER = 80
TITLE = "What changed"
SUMMARY = "Which published numbers moved since the run before, by how much, and because of which files."

#: Closed months that are told in a sentence each; the table has them all.
_MOST_SENTENCES = 6

_NUMBER = (
    Column("value_before", "Before", "exact"),
    Column("value_after", "After", "exact"),
    Column("value_change", "Change", "change"),
)
_LINE = (
    Column("month", "Month", "month"),
    Column("metric", "Number", "words"),
    *_NUMBER,
    Column("because", "Because", most=240),
    Column("also_moved", "Also moved", "names", most=160, nothing=""),
    Column("was_provisional", "Was open", "flag"),
)


def headline(warehouse: Warehouse, facts: Facts) -> str:
    """Say whether a number that was thought final has moved."""
    return _said(last_numbers(warehouse), runs_compared(warehouse))


def _said(last: Numbers, count_runs: int) -> str:
    if count_runs < 2:
        return "The first run; there is nothing to compare it with yet."
    closed = sorted({row["month"] for row in last if not row["was_provisional"]}, reverse=True)
    if closed:
        months = ", ".join(map(text.month, closed[:3])) + (f" and {len(closed) - 3} more" if len(closed) > 3 else "")
        return f"Numbers of closed months moved: {months}."
    if last:
        return "Only months that were still open moved."
    return "No published number moved since the run before."


def content(warehouse: Warehouse, facts: Facts) -> Content:
    """Return the page."""
    last = last_numbers(warehouse)
    return Content(
        tables=(_last(last), _details(warehouse), _earlier(warehouse)),
        values={
            "verdict": _said(last, runs_compared(warehouse)),
            "is_calm": not last,
            "sentences": [sentence(row) for row in last if not row["was_provisional"]][:_MOST_SENTENCES],
        },
    )


def sentence(row: dict[str, Any]) -> str:
    """Say in a sentence which number moved, by how much and why."""
    before, after = text.exact(row["value_before"] or 0), text.exact(row["value_after"] or 0)
    change = f"{'+' if row['value_change'] > 0 else ''}{text.exact(row['value_change'])}"
    why = text.mask_email(text.clean(row["because"])[:300])
    return f"{text.words(row['metric'])} of {text.month(row['month'])}: {before} → {after} ({change}), because {why}."


def _last(last: Numbers) -> Table:
    return Table(
        "last",
        "Moved by the last run",
        _LINE,
        last,
        source="ops.restatements",
        apart=lambda row: row["was_provisional"],
        note="One line for each month and cause. A month that was still open is expected to move and stands back.",
    )


def _details(warehouse: Warehouse) -> Table:
    columns = (
        Column("month", "Month", "month", nothing="all"),
        Column("mart", "Table", "words"),
        Column("metric", "Number", "words"),
        Column("item", "Of what", most=80, nothing=""),
        *_NUMBER,
    )
    return Table(
        "details",
        "Every other published number that moved with them",
        columns,
        details_numbers(warehouse),
        source="ops.restatements_detail",
        shown=8,
    )


def _earlier(warehouse: Warehouse) -> Table:
    columns = (Column("published_at", "Published", "moment"), *_LINE)
    return Table(
        "earlier",
        "Earlier runs",
        columns,
        earlier_numbers(warehouse),
        source="ops.restatements",
        shown=15,
        apart=lambda row: row["was_provisional"],
    )
