"""A connector's samples read through to the contracts, as text that can be compared and reviewed row by row."""

from __future__ import annotations

import csv
import io
import shutil
import tempfile
from pathlib import Path
from typing import Any

from pipeline.config import Project
from pipeline.contracts import Contract, contracts
from pipeline.ingest.spec import ConnectorSpec
from pipeline.night import Night

#: Settings under which a connector's samples are read (zone, currency, pins).
SAMPLE_SETTINGS = "samples.yaml"


def golden_texts(spec: ConnectorSpec) -> dict[str, str]:
    """Read the samples of a connector and return what they become, by file name of the golden folder.

    `files.csv` has a line per sample, `rejected.csv` a line per rejected line and reason, and `<shape>.csv` a line per
    row, with the columns that hold anything.
    """
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        shutil.copytree(spec.folder / "samples", root / "data" / "raw")
        if (spec.folder / SAMPLE_SETTINGS).exists():
            shutil.copy(spec.folder / SAMPLE_SETTINGS, root / "journeys.yaml")
        with Night.open(Project.open(root)) as night:
            night.configure()
            night.define_raw()
            night.shape()
            night.quarantine()
            night.settle()
            night.keep_books()
            return _texts(night)


def _texts(night: Night) -> dict[str, str]:
    query = night.warehouse.records
    texts = {
        "files.csv": _csv(
            query(
                "select file_name, status, source_export, recognised_by, rows_read, rows_accepted, "
                "rows_rejected, rows_duplicate, "
                "lines_layout, period_from, period_to, problem from ops.files order by file_name"
            )
        )
    }
    rejected = query("select file_name, line_number, shape, rule, reason from ops.rejected_rows order by all")
    if rejected:
        texts["rejected.csv"] = _csv(rejected)
    for shape, contract in contracts().items():
        rows = query(_select(contract))
        if rows:
            texts[f"{shape}.csv"] = _csv(rows)
    return texts


def _select(contract: Contract) -> str:
    # Hashes say nothing to a reader; that ids are unique is a rule of its own.
    hidden = {"event_id", "session_id"}
    columns = [name for name in contract.columns if name not in hidden]
    return (
        f"select files.file_name, s.line_number, {', '.join(f's.{name}' for name in columns)} "
        f"from validated.{contract.shape} as s join private.loaded_files as files using (file_id) order by all"
    )


def _csv(rows: list[dict[str, Any]]) -> str:
    filled = [name for name in rows[0] if any(row[name] not in (None, "", False) for row in rows)]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(filled)
    for row in rows:
        writer.writerow("" if row[name] is None else _shown(row[name]) for name in filled)
    return out.getvalue()


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return " | ".join(map(str, value))
    return str(value)


def differences(spec: ConnectorSpec) -> dict[str, tuple[str, str]]:
    """Return the golden files that do not hold what the samples become: name -> (golden, now)."""
    now = golden_texts(spec)
    folder = spec.folder / "golden"
    kept = {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.csv"))}
    return {
        name: (kept.get(name, ""), now.get(name, ""))
        for name in sorted({*now, *kept})
        if kept.get(name) != now.get(name)
    }


def write_golden(spec: ConnectorSpec) -> list[str]:
    """Write the golden files anew, for the author to review, and return their names."""
    folder = spec.folder / "golden"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    texts = golden_texts(spec)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return sorted(texts)
