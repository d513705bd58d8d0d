"""Invented `ops` tables: files good and bad, rejected rows that hold personal data, promises, runs and restatements."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pyarrow as pa

from pipeline.books import MEANINGS, write_run
from pipeline.warehouse import Warehouse

_STRINGS = pa.list_(pa.string())
_TYPES: dict[str, Any] = {
    "size_bytes": pa.int64(), "lines_layout": pa.int64(), "rows_read": pa.int64(), "rows_accepted": pa.int64(),
    "rows_rejected": pa.int64(), "rows_duplicate": pa.int64(), "days_missing": pa.int64(), "period_from": pa.date32(),
    "period_to": pa.date32(), "notes": _STRINGS, "line_number": pa.int64(), "count_rows": pa.int64(), "count_unexpected": pa.int64(),
    "is_met": pa.bool_(), "published_at": pa.timestamp("us"), "month": pa.date32(), "value_before": pa.float64(),
    "value_after": pa.float64(), "files": _STRINGS, "settings_changed": _STRINGS, "software_changed": _STRINGS,
    "also_moved": _STRINGS, "was_provisional": pa.bool_(), "is_certain": pa.bool_(), "is_headline": pa.bool_(),
    "count_details": pa.int64(), "declared_from": pa.date32(), "declared_to": pa.date32(), "days_provisional": pa.int64(),
    "day": pa.date32(), "rows_superseded": pa.int64(), "is_provisional": pa.bool_(),
}  # fmt: skip


def _file(
    name: str, system: str, export: str, rows: tuple[int, int, int, int], first: date, last: date, **more: Any
) -> dict[str, Any]:
    read, accepted, rejected, duplicate = rows
    return {
        "file_name": name, "status": "loaded", "source_system": system, "source_export": export, "recognised_by": "content",
        "file_id": name[:8], "sha256": "0" * 64, "size_bytes": read * 180, "kind": "text", "encoding": "utf-8", "zone": "UTC",
        "lines_layout": 1, "notes": [], "rows_read": read, "rows_accepted": accepted, "rows_rejected": rejected,
        "rows_duplicate": duplicate, "period_from": first, "period_to": last, "days_missing": 0,
    } | more  # fmt: skip


FILES: list[dict[str, Any]] = [
    _file("ga4/events_202605.json", "ga4", "events", (4120, 4120, 0, 0), date(2026, 5, 14), date(2026, 5, 31)),
    _file("ga4/events_202606.json", "ga4", "events", (9480, 9471, 9, 0), date(2026, 6, 1), date(2026, 6, 30)),
    _file("ga4/events_202607.json", "ga4", "events", (11020, 10410, 0, 610), date(2026, 7, 1), date(2026, 7, 31), days_missing=2),
    _file("ga4/events_202608.json", "ga4", "events", (7204, 7204, 0, 0), date(2026, 8, 1), date(2026, 8, 20)),
    _file("hubspot/contacts.csv", "hubspot", "contacts", (1204, 1169, 35, 0), date(2026, 5, 14), date(2026, 8, 19), notes=["Read as Windows-1252."]),
    _file("mailchimp/july-campaign.csv", "mailchimp", "activity", (5400, 5400, 0, 0), date(2026, 7, 3), date(2026, 7, 9)),
    _file("square/transactions.csv", "square", "transactions", (690, 688, 2, 0), date(2026, 5, 14), date(2026, 8, 20), currency="EUR"),
    {
        "file_name": "misc/numbers from ann@teashop.example.xlsx", "status": "unknown", "kind": "workbook", "size_bytes": 9120,
        "problem": "No connector knows this layout; the nearest is square/transactions, which needs Date and Net Sales.",
        "fix": "Map it under generic in journeys.yaml, or export it again.",
    },
    {
        "file_name": "zendesk/tickets.csv", "status": "needs_setting", "source_system": "zendesk", "source_export": "tickets", "kind": "text",
        "size_bytes": 70112, "problem": "Times carry no zone.", "fix": "Set sources.zendesk.zone in journeys.yaml.",
    },
]  # fmt: skip

REJECTED: list[dict[str, Any]] = [
    *(
        {
            "file_name": "hubspot/contacts.csv", "line_number": 40 + index, "source_system": "hubspot", "source_export": "contacts",
            "shape": "people", "rule": "created_at_is_a_time", "reason": "created_at is no time that can be read.",
            "raw_text": f"Ann{index},Bauer,ann.bauer+{index}@example.org,+49 171 234567{index},31/31/2026", "file_id": "hubspot/",
        }
        for index in range(8)
    ),
    {
        "file_name": "square/transactions.csv", "line_number": 77, "source_system": "square", "source_export": "transactions",
        "shape": "orders", "rule": "amount_is_a_number", "reason": "amount is no number.",
        "raw_text": '=HYPERLINK("http://evil.example","x"),<script>alert(1)</script>,(0171) 555-0199,twelve', "file_id": "square/t",
    },
    {
        "file_name": "ga4/events_202606.json", "line_number": 12, "source_system": "ga4", "source_export": "events", "shape": None,
        "rule": "readable", "reason": "The record is longer than 16 MB.", "raw_text": "x" * 5000, "file_id": "ga4/even",
    },
]  # fmt: skip

VALIDATIONS = [
    {"checked": "validated.events", "rule": "event_id_is_unique", "level": "block", "says": "the event id is there twice", "is_met": True, "count_rows": 41321, "count_unexpected": 0},
    {"checked": "validated.people", "rule": "created_at_is_a_time", "level": "reject", "says": "created_at is no time that can be read", "is_met": False, "count_rows": 1204, "count_unexpected": 35},
    {"checked": "validated.events", "rule": "source_medium_known", "level": "warn", "says": "a click id without a source", "is_met": False, "count_rows": 41321, "count_unexpected": 212},
]  # fmt: skip

AUDITS = [
    {"audit": "credit_adds_up_to_revenue", "level": "block", "meaning": "Credit of every model adds up to booked revenue.", "count_rows": 0, "examples": None},
    {"audit": "channels_are_known", "level": "warn", "meaning": "Fewer than 5 % of visits are Unassigned.", "count_rows": 1, "examples": "[{'share': 0.07, 'who': 'ann@example.org'}]"},
]  # fmt: skip

RESTATEMENTS: list[dict[str, Any]] = [
    {
        "run_id": "r1",
        "published_at": datetime(2026, 8, 20, 3),
        "metric": "revenue",
        "month": date(2026, 7, 1),
        "value_before": 8990.1,
        "value_after": 8776.75,
        "was_provisional": False,
        "files": ["square/transactions.csv"],
        "is_certain": True,
        "settings_changed": [],
        "software_changed": [],
        "because": "square/transactions.csv changed (1 row changed)",
        "also_moved": [],
        "count_details": 12,
    },
    {
        "run_id": "r2",
        "published_at": datetime(2026, 8, 21, 3),
        "metric": "visits",
        "month": date(2026, 8, 1),
        "value_before": 810.0,
        "value_after": 853.0,
        "was_provisional": True,
        "files": ["ga4/events_202608.json"],
        "is_certain": True,
        "settings_changed": [],
        "software_changed": [],
        "because": "ga4/events_202608.json changed (310 rows came)",
        "also_moved": ["new people 402 → 415"],
        "count_details": 40,
    },
    {
        "run_id": "r2",
        "published_at": datetime(2026, 8, 21, 3),
        "metric": "revenue",
        "month": date(2026, 7, 1),
        "value_before": 8776.75,
        "value_after": 8772.75,
        "was_provisional": False,
        "files": ["returns from ann@teashop.example.csv"],
        "is_certain": True,
        "settings_changed": [],
        "software_changed": [],
        "because": "returns from ann@teashop.example.csv is new",
        "also_moved": ["refunded 213.35 → 217.35"],
        "count_details": 31,
    },
]

DETAILS: list[dict[str, Any]] = [
    {"run_id": "r2", "mart": "monthly_totals", "metric": "revenue", "month": date(2026, 7, 1), "item": "", "value_before": 8776.75, "value_after": 8772.75, "is_headline": True},
    {"run_id": "r2", "mart": "attribution", "metric": "credited_revenue", "month": date(2026, 7, 1), "item": "linear, Email", "value_before": 812.5, "value_after": 808.5, "is_headline": False},
    {"run_id": "r2", "mart": "stage_conversion", "metric": "step_rate", "month": None, "item": "decision", "value_before": 0.251, "value_after": 0.252, "is_headline": False},
]  # fmt: skip


def coverage() -> list[dict[str, Any]]:
    """Return the days of the loaded files: every one but those that are missing, the last three still open."""
    rows = []
    for file in FILES:
        if file["status"] != "loaded":
            continue
        length = (file["period_to"] - file["period_from"]).days + 1
        for offset in range(length):
            if length - 6 < offset <= length - 6 + file["days_missing"]:
                continue
            day = file["period_from"] + timedelta(days=offset)
            kept = {key: file[key] for key in ("file_name", "file_id", "source_system", "source_export")}
            counts = {
                "rows_accepted": file["rows_accepted"] // length,
                "rows_superseded": file["rows_duplicate"] // length,
            }
            rows.append(kept | counts | {"shape": "events", "day": day, "is_provisional": day >= date(2026, 8, 18)})
    # The June file was exported again for its last week.
    return rows + [row | {"file_name": "ga4/events_late.json", "file_id": "late", "rows_superseded": 4} for row in rows
                   if row["source_system"] == "ga4" and date(2026, 6, 24) <= row["day"] <= date(2026, 6, 30)]  # fmt: skip


def table(name: str, rows: list[dict[str, Any]]) -> pa.Table:
    """Return rows as an `ops` table with all its columns."""
    schema = pa.schema([(column, _TYPES.get(column, pa.string())) for column in MEANINGS[name][1]])
    return pa.Table.from_pylist([{column: row.get(column) for column in schema.names} for row in rows], schema=schema)


def fill(warehouse: Warehouse, *, empty: bool = False) -> None:
    """Write all `ops` tables, without rows if asked."""
    rows: dict[str, list[dict[str, Any]]] = {
        "files": FILES, "rejected_rows": REJECTED, "validation_results": VALIDATIONS, "audit_results": AUDITS, "restatements": RESTATEMENTS, "restatements_detail": DETAILS, "coverage": coverage(),
    }  # fmt: skip
    for name, given in rows.items():
        warehouse.write(f"ops.{name}", table(name, [] if empty else given))
        warehouse.comment(f"ops.{name}", "table", *MEANINGS[name])
    warehouse.drop("ops.runs")
    if not empty:
        write_run(warehouse, "r1", datetime(2026, 8, 20, 2, 55), datetime(2026, 8, 20, 3), "a" * 16)
        write_run(warehouse, "r2", datetime(2026, 8, 21, 2, 55), datetime(2026, 8, 21, 3), "b" * 16)
