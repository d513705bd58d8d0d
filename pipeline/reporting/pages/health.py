"""What was read, what was left out and why, and which promises were kept."""

from __future__ import annotations

from typing import Any

from pipeline.reporting import text
from pipeline.reporting.charts import spans as spanned
from pipeline.reporting.facts import Facts, Numbers
from pipeline.reporting.numbers.health import (
    agreement_numbers,
    coverage_numbers,
    examples_numbers,
    expectations_numbers,
    exports_numbers,
    files_numbers,
    notes_numbers,
    problems_numbers,
    promises_numbers,
    rejected_numbers,
    runs_numbers,
    totals_numbers,
)
from pipeline.reporting.page import Content, Figure
from pipeline.reporting.sheet import Sheet
from pipeline.reporting.tables import Column, Table
from pipeline.warehouse import Warehouse

ORDER = 90
TITLE = "Data health"
SUMMARY = "What was read, what was left out and why, and which promises were kept."


def headline(warehouse: Warehouse, facts: Facts) -> str:
    """Say how much of what was delivered is used."""
    total = totals_numbers(warehouse)
    if not total["count_files"]:
        return "No files yet."
    return (
        f"{text.count(total['files_loaded'])} of {text.plural(total['count_files'], 'file')} used; "
        f"of {text.plural(total['rows_read'], 'row')}, "
        f"{text.count(total['rows_accepted'])} accepted, {text.count(total['rows_rejected'])} rejected, "
        f"{text.count(total['rows_duplicate'])} duplicate."
    )


#: State of a day -> its colour, and whether it is hatched.
_STATES = {
    "covered": ("accent", False),
    "in several files": ("converted", False),
    "may still change": ("accent", True),
    "missing": ("warn", True),
}


def draw_coverage(numbers: Numbers, facts: Facts) -> Sheet:
    """Draw the days each export covers."""
    drawn = []
    for name in dict.fromkeys(_export(row) for row in numbers):
        mine = [row for row in numbers if _export(row) == name]
        written = text.plural(sum(row["rows_accepted"] for row in mine), "row")
        drawn.append(spanned.Row(name, tuple(_span(name, row) for row in mine), written))
    legend = [(state, *_STATES[state]) for state in _STATES if any(row["state"] == state for row in numbers)]
    return spanned.spans(drawn, until=facts.period_to, legend=legend)


def _span(name: str, row: dict[str, Any]) -> spanned.Span:
    fill, is_hatched = _STATES[row["state"]]
    tip = f"{name}, {row['state']}: {spanned.covered(row['period_from'], row['period_to'])}"
    if row["rows_superseded"]:
        tip += f"; {text.plural(row['rows_superseded'], 'row')} replaced by a newer file"
    return spanned.Span(row["period_from"], row["period_to"], fill, tip, is_hatched)


def _export(row: dict[str, Any]) -> str:
    return text.clean(f"{row['source_system']} {row['source_export']}")


def content(warehouse: Warehouse, facts: Facts) -> Content:
    """Return the page."""
    total = totals_numbers(warehouse)
    return Content(
        figures=(_coverage(warehouse, facts, total),),
        tables=(
            _problems(warehouse),
            _exports(warehouse),
            _files(warehouse),
            _notes(warehouse),
            _agreement(warehouse),
            _rejected(warehouse),
            _examples(warehouse),
            _expectations(warehouse),
            _promises(warehouse),
            _runs(warehouse),
        ),
        values={"tiles": _tiles(total, warehouse, facts)},
    )


def _tiles(total: dict[str, Any], warehouse: Warehouse, facts: Facts) -> list[dict[str, str]]:
    promises = promises_numbers(warehouse)
    kept = sum(row["is_kept"] for row in promises)
    read = total["rows_read"]

    def part(key: str) -> str:
        return f"{text.share(total[key] / read)} of rows read" if text.enough(read, facts.guard_n) else ""

    return [
        {
            "name": "Files used",
            "value": text.count(total["files_loaded"]),
            "more": f"of {text.count(total['count_files'])} delivered",
        },
        {"name": "Rows read", "value": text.count(read), "more": ""},
        {"name": "Accepted", "value": text.count(total["rows_accepted"]), "more": part("rows_accepted")},
        {
            "name": "Rejected",
            "value": text.count(total["rows_rejected"]),
            "more": part("rows_rejected"),
            "link": "health.html#rejected",
        },
        {"name": "Duplicate", "value": text.count(total["rows_duplicate"]), "more": part("rows_duplicate")},
        {"name": "Promises kept", "value": text.count(kept), "more": f"of {text.count(len(promises))}"},
    ]


def _coverage(warehouse: Warehouse, facts: Facts, total: dict[str, Any]) -> Figure:
    numbers = coverage_numbers(warehouse)
    columns = (
        Column("source_system", "System"),
        Column("source_export", "Export"),
        Column("state", "State"),
        Column("period_from", "First day", "day"),
        Column("period_to", "Last day", "day"),
        Column("count_days", "Days", "count"),
        Column("rows_accepted", "Rows accepted", "count"),
        Column("rows_superseded", "Rows replaced", "count"),
    )
    return Figure(
        "coverage",
        "Which days the files cover",
        numbers,
        draw_coverage,
        facts.define(
            "Days on which the rows of each export happened; a day in several files counts once.",
            total["files_loaded"],
            "file",
            since=min((row["period_from"] for row in numbers), default=None),
            until=max((row["period_to"] for row in numbers), default=None),
        ),
        Table("coverage", "Which days the files cover", columns, numbers),
        reading="Missing days are shown for exports with rows on most days. The dashed line ends the data.",
        empty="No file with dated rows yet.",
        is_wide=True,
    )


def _problems(warehouse: Warehouse) -> Table:
    columns = (
        Column("count_files", "Files", "count"),
        Column("first_file", "First of them", "file", most=46),
        Column("status", "Status", "words"),
        Column("problem", "Problem", most=240),
        Column("fix", "What to do", most=400, nothing=""),
    )
    return Table("problems", "Problems with files", columns, problems_numbers(warehouse), source="ops.files")


_ROWS = (
    Column("rows_read", "Read", "count"),
    Column("rows_accepted", "Accepted", "count"),
    Column("rows_rejected", "Rejected", "count"),
    Column("rows_duplicate", "Duplicate", "count"),
    Column("period_from", "From", "day"),
    Column("period_to", "To", "day"),
)
_ADD_UP = "Read = accepted + rejected + duplicate, in every file. Duplicate: another line or file gives the same row."


def _exports(warehouse: Warehouse) -> Table:
    columns = (
        Column("source_system", "System"),
        Column("source_export", "Export"),
        Column("count_files", "Files", "count"),
        *_ROWS,
    )
    found = exports_numbers(warehouse)
    keys = ("count_files", "rows_read", "rows_accepted", "rows_rejected", "rows_duplicate")
    totals = {"source_system": "All", **{key: sum(row[key] for row in found) for key in keys}}
    return Table("exports", "Rows by export", columns, found, totals=totals if found else None, shown=40, note=_ADD_UP)


def _files(warehouse: Warehouse) -> Table:
    columns = (
        Column("file_name", "File", "file", most=46),
        Column("status", "Status", "words"),
        Column("source_system", "System"),
        Column("source_export", "Export"),
        *_ROWS,
        Column("days_missing", "Days missing", "count"),
    )
    return Table("files", "Files one by one", columns, files_numbers(warehouse), source="ops.files", shown=10)


def _notes(warehouse: Warehouse) -> Table:
    columns = (
        Column("note", "Note", most=300),
        Column("source_system", "System", nothing=""),
        Column("source_export", "Export", nothing=""),
        Column("count_files", "Files", "count"),
        Column("first_file", "First of them", "file", most=46),
    )
    return Table("notes", "What was mended, or is worth knowing", columns, notes_numbers(warehouse), shown=10)


def _agreement(warehouse: Warehouse) -> Table:
    columns = (
        Column("export", "Export", most=40),
        Column("other_export", "Other export", most=40),
        Column("count_orders", "Orders in both", "count"),
        Column("minutes_later", "Other is later by, minutes", "change"),
        Column("time_share", "Share of orders", "share", n="count_orders"),
        Column("times_larger", "Other amount is times", "exact"),
        Column("amount_share", "Share of orders", "share", n="count_orders"),
    )
    return Table(
        "agreement",
        "The same orders in two exports",
        columns,
        agreement_numbers(warehouse),
        shown=10,
        source="marts.order_agreement",
        apart=lambda row: bool(row["minutes_later"]) or row["times_larger"] not in (None, 1.0),
        note="Most orders some whole hours apart: the time zone set for one of the two is wrong. "
        "A hundred or a thousand times larger: one is in cents, or its decimal mark is read wrongly.",
    )  # fmt: skip


def _rejected(warehouse: Warehouse) -> Table:
    columns = (
        Column("reason", "Reason", most=160),
        Column("source_system", "System"),
        Column("source_export", "Export"),
        Column("rule", "Rule"),
        Column("count_files", "Files", "count"),
        Column("count_rows", "Rows", "count", bar=True),
    )
    return Table(
        "rejected", "Rejected rows by reason", columns, rejected_numbers(warehouse), source="ops.rejected_rows",
        note="A row can break several rules and is then counted with each.",
    )  # fmt: skip


def _examples(warehouse: Warehouse) -> Table:
    columns = (
        Column("file_name", "File", "file", most=40),
        Column("line_number", "Line", "count"),
        Column("reason", "Reason", most=120),
        Column("raw_text", "What the line holds", "raw", most=160),
    )
    return Table(
        "examples", "The first rejected rows of each reason", columns, examples_numbers(warehouse), shown=12,
        note="E-mail addresses and phone numbers are masked; the rows themselves are in ops.rejected_rows.",
    )  # fmt: skip


def _expectations(warehouse: Warehouse) -> Table:
    columns = (
        Column("is_met", "Met", "flag"),
        Column("level", "Level"),
        Column("checked", "Table"),
        Column("rule", "Expectation"),
        Column("says", "What fails", most=160),
        Column("count_rows", "Rows checked", "count"),
        Column("count_unexpected", "Rows that fail", "count"),
    )
    found = expectations_numbers(warehouse)
    return Table(
        "expectations",
        "Expectations",
        columns,
        found,
        shown=10,
        source="ops.validation_results",
        apart=lambda row: not row["is_met"],
    )


def _promises(warehouse: Warehouse) -> Table:
    columns = (
        Column("is_kept", "Kept", "flag"),
        Column("level", "Level"),
        Column("meaning", "Promise", most=200),
        Column("count_rows", "Rows that break it", "count"),
        Column("examples", "First of them", "raw", most=160, nothing=""),
    )
    return Table(
        "promises",
        "Promises",
        columns,
        promises_numbers(warehouse),
        shown=10,
        source="ops.audit_results",
        apart=lambda row: not row["is_kept"],
    )


def _runs(warehouse: Warehouse) -> Table:
    columns = (
        Column("finished_at", "Published", "moment"),
        Column("as_of", "Data up to", "moment"),
        Column("files_loaded", "Files", "count"),
        Column("rows_read", "Rows read", "count"),
        Column("rows_rejected", "Rejected", "count"),
        Column("seconds", "Seconds", "count"),
        Column("run_id", "Run"),
    )
    return Table("runs", "Runs", columns, runs_numbers(warehouse), shown=10, source="ops.runs")
