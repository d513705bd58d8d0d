"""The `ops` tables: what was read, what became of it, which promises were kept, and which published numbers moved."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime

import pyarrow as pa

from pipeline import restate
from pipeline.errors import Problem
from pipeline.findings import AuditResult, Finding
from pipeline.ingest.intake import Intake
from pipeline.validate import clocks
from pipeline.warehouse import Warehouse, qualified

_FILES = pa.schema(
    [
        ("file_name", pa.string()), ("status", pa.string()), ("source_system", pa.string()),
        ("source_export", pa.string()), ("recognised_by", pa.string()), ("file_id", pa.string()),
        ("sha256", pa.string()), ("size_bytes", pa.int64()),
        ("kind", pa.string()), ("encoding", pa.string()), ("zone", pa.string()), ("currency", pa.string()),
        ("exported_on", pa.string()), ("lines_layout", pa.int64()), ("problem", pa.string()), ("fix", pa.string()),
        ("notes", pa.list_(pa.string())), ("is_daily", pa.bool_()),
    ]
)  # fmt: skip

_FINDINGS = pa.schema(
    [
        ("promise", pa.string()), ("level", pa.string()), ("meaning", pa.string()), ("count_rows", pa.int64()),
        ("place", pa.string()), ("finding", pa.string()), ("to_do", pa.string()),
    ]
)  # fmt: skip

#: Meaning of each `ops` table and its columns.
MEANINGS: dict[str, tuple[str, dict[str, str]]] = {
    "files": (
        "One row per raw file: what it was recognised as, what became of its rows, and what was wrong with it.",
        {
            "file_name": "Path below data/raw; a member of an archive follows after !.",
            "status": "loaded, same_content, empty, unknown, known_but_unused, needs_setting or unreadable.",
            "source_system": "Connector.",
            "source_export": "Export of the connector.",
            "recognised_by": "content, name, folder or pin.",
            "file_id": "Short hash of the content; rows carry it.",
            "sha256": "Hash of the content.",
            "size_bytes": "Size on disk; of an archive's member, that of the archive.",
            "kind": "text, workbook, parquet, binary or empty.",
            "encoding": "Text encoding.",
            "zone": "Time zone of times without one.",
            "currency": "Currency of amounts without one.",
            "exported_on": "Day of the export, when the name or a pin says.",
            "lines_layout": "Title, comment, totals and blank lines, which are no rows.",
            "problem": "What is wrong.",
            "fix": "What to do.",
            "notes": "What was mended or is worth knowing.",
            "rows_read": "Rows in the file.",
            "rows_accepted": "Rows that are used.",
            "rows_rejected": "Rows that are not, each in ops.rejected_rows.",
            "rows_duplicate": "Rows that a newer export, or an earlier line, already gives.",
            "declared_from": "First day that the file's name promises.",
            "declared_to": "Last day that the file's name promises.",
            "period_from": "First day with a row, in the reporting zone; replaced rows count, rejected ones do not.",
            "period_to": "Last day with a row.",
            "days_missing": "Days between them without one; null for exports that need not have rows every day.",
            "days_provisional": "Days with a row that a later export may still change.",
        },
    ),
    "coverage": (
        "One row per file, shape and day that its rows speak of: what is covered, twice or not at all.",
        {
            "file_name": "File.",
            "file_id": "Short hash of the file.",
            "source_system": "Connector.",
            "source_export": "Export.",
            "shape": "Contract the rows were shaped into; a line can have rows of several.",
            "day": "Day in the reporting zone; of spend and engagement the day the export writes.",
            "rows_accepted": "Rows of the day that are used; rows that sum up several days count on each.",
            "rows_superseded": "Rows of the day that a newer export, or an earlier line, already gives.",
            "is_provisional": "The system may still change the day, or the day had not ended when it was exported.",
        },
    ),
    "rejected_rows": (
        "One row per rejected line and reason.",
        {
            "file_name": "File the line is in.",
            "line_number": "Line of the file (for JSON documents: position of the record).",
            "source_system": "Connector.",
            "source_export": "Export.",
            "shape": "Contract whose rule it broke; null when the line or one of its ids could not be read at all.",
            "rule": "Rule it broke.",
            "reason": "What is wrong, in words.",
            "raw_text": "What the line held.",
            "file_id": "Short hash of the file.",
        },
    ),
    "validation_results": (
        "One row per expectation that Great Expectations checked.",
        {
            "checked": "Table that was checked.",
            "rule": "Name of the expectation.",
            "level": "reject: rows that fail are in ops.rejected_rows; warn; block: nothing is published.",
            "says": "What is wrong with rows that fail.",
            "is_met": "No row fails.",
            "count_rows": "Rows checked; null where only failing rows are counted.",
            "count_unexpected": "Rows that fail.",
        },
    ),
    "audit_results": (
        "One row per promise and whether it was kept.",
        {
            "audit": "Name of the promise: the file in pipeline/audits, or the grain of a table.",
            "level": "block: nothing is published when it is broken; refuse: what is asked for is left out; warn.",
            "meaning": "The promise in words.",
            "count_rows": "Rows that break it.",
            "examples": "The first of them, in words.",
        },
    ),
    "findings": (
        "One row per thing that breaks a promise which does not block; of one promise the first thousand.",
        {
            "promise": "Name of the promise, or of the expectation.",
            "level": "refuse: what the settings ask for cannot be done and is left out; warn.",
            "meaning": "The promise in words.",
            "count_rows": "Things that break it.",
            "place": "Line and column of the setting in journeys.yaml that it is about; empty when it is about none.",
            "finding": "What breaks it.",
            "to_do": "What somebody can do about it.",
        },
    ),
    "runs": (
        "One row per run that published something.",
        {
            "run_id": "Run.",
            "started_at": "When it began, UTC.",
            "finished_at": "When it published, UTC.",
            "as_of": "Time the data is looked at from, UTC.",
            "files_loaded": "Files whose rows are used.",
            "rows_read": "Rows in them.",
            "rows_rejected": "Rows that are not used.",
            "fingerprint": "Version of everything that was published.",
        },
    ),
    **restate.MEANINGS,
}


def write_files(warehouse: Warehouse, intake: Intake) -> None:
    """Write `ops.files` from the verdicts and the counted lines."""
    rows = [
        {
            "file_name": v.name,
            "status": v.status,
            "source_system": v.system or None,
            "source_export": v.export or None,
            "recognised_by": v.recognised_by or None,
            "file_id": v.staged.file_id if v.staged else None,
            "sha256": v.sha256 or None,
            "size_bytes": v.size_bytes,
            "kind": v.kind,
            "encoding": v.staged.encoding if v.staged else None,
            "zone": v.zone,
            "currency": v.currency,
            "exported_on": v.exported_on,
            "lines_layout": v.staged.lines_layout if v.staged else None,
            "problem": v.problem or None,
            "fix": v.fix or None,
            "notes": list(v.notes),
            "is_daily": v.is_daily,
        }
        for v in intake.verdicts.values()
    ]
    with warehouse.given(pa.Table.from_pylist(rows, schema=_FILES)) as given:
        warehouse.create("ops.files", _FILES_SELECT.format(given=given, clocks=clocks.NOTES))
    _comment(warehouse, "files")
    _comment(warehouse, "coverage")
    _comment(warehouse, "rejected_rows")
    _comment(warehouse, "validation_results")


_FILES_SELECT = """
    with periods as (
        select file_id, min(day) as period_from, max(day) as period_to,
            date_diff('day', min(day), max(day)) + 1 - count(distinct day) as days_missing,
            count(distinct day) filter (where is_provisional) as days_provisional
        from ops.coverage group by file_id
    )
    select given.* exclude (is_daily) replace (list_concat(given.notes, coalesce(clocks.notes, [])) as notes),
        case when given.status = 'loaded' then counts.rows_read end as rows_read,
        case when given.status = 'loaded' then counts.rows_accepted end as rows_accepted,
        case when given.status = 'loaded' then counts.rows_rejected end as rows_rejected,
        case when given.status = 'loaded' then counts.rows_duplicate end as rows_duplicate,
        files.declared_from, files.declared_to, periods.period_from, periods.period_to,
        case when given.is_daily then periods.days_missing end as days_missing,
        periods.days_provisional
    from {given} as given
    left join private.line_counts as counts on counts.file_id = given.file_id and given.status = 'loaded'
    left join private.loaded_files as files on files.file_id = given.file_id and given.status = 'loaded'
    left join ({clocks}) as clocks on clocks.file_id = given.file_id and given.status = 'loaded'
    left join periods on periods.file_id = given.file_id and given.status = 'loaded'
    order by file_name
"""


#: Rows of a broken promise that `ops.audit_results` words.
_EXAMPLES = 5


def write_findings(warehouse: Warehouse, found: Sequence[Finding]) -> None:
    """Write `ops.findings`."""
    warehouse.write("ops.findings", pa.Table.from_pylist([asdict(one) for one in found], schema=_FINDINGS))
    _comment(warehouse, "findings")


def write_audits(warehouse: Warehouse, results: Iterable[AuditResult]) -> None:
    """Write `ops.audit_results`."""
    schema = pa.schema(
        [
            ("audit", pa.string()),
            ("level", pa.string()),
            ("meaning", pa.string()),
            ("count_rows", pa.int64()),
            ("examples", pa.string()),
        ]
    )
    rows = [
        {
            "audit": r.name,
            "level": r.level,
            "meaning": r.meaning,
            "count_rows": r.count_rows,
            "examples": "; ".join(r.said[:_EXAMPLES]) or None,
        }
        for r in sorted(results, key=lambda r: r.name)
    ]
    warehouse.write("ops.audit_results", pa.Table.from_pylist(rows, schema=schema))
    _comment(warehouse, "audit_results")


def write_run(warehouse: Warehouse, run_id: str, started_at: datetime, finished_at: datetime, fingerprint: str) -> None:
    """Add this run to `ops.runs`."""
    runs = qualified("ops.runs")
    warehouse.execute(
        f"create table if not exists {runs} (run_id varchar, started_at timestamp, finished_at timestamp, "
        "as_of timestamp, "
        "files_loaded bigint, rows_read bigint, rows_rejected bigint, fingerprint varchar)"
    )
    warehouse.execute(
        f"insert into {runs} select $1, $2, $3, (select as_of from config.settings), "
        "count(*) filter (where status = 'loaded'), "
        "coalesce(sum(rows_read), 0), coalesce(sum(rows_rejected), 0), $4 from ops.files",
        [run_id, started_at, finished_at, fingerprint],
    )
    _comment(warehouse, "runs")


def _comment(warehouse: Warehouse, table: str) -> None:
    meaning, columns = MEANINGS[table]
    if warehouse.exists(f"ops.{table}"):
        warehouse.comment(f"ops.{table}", "table", meaning, columns)


def problems_of(results: Iterable[AuditResult]) -> list[Problem]:
    """Word the blocking promises that were broken."""
    return [
        Problem(
            f"{result.meaning} {result.count_rows:,} rows break this; the first: {result.examples[:1]}.",
            f"audits/{result.name}",
        )
        for result in results
        if result.count_rows and result.level == "block"
    ]
