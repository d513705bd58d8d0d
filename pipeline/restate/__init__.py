"""Which published numbers moved since the run before, by how much, and because of which files.

The numbers of the last published file are compared with tonight's, mart by mart, at the grain people quote. A monthly
total is then followed back through what every file contributes to it (`core.file_contributions`): only a file that
came, went or changed, and that gives something else in that month than before, can have moved it.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipeline.config.tables import DEFAULTS
from pipeline.warehouse import Warehouse, WarehouseError, literal, qualified, quoted

#: Mart whose moved numbers lead a line of `ops.restatements`; all others stand in `ops.restatements_detail`.
HEADLINES = "monthly_totals"

#: Runs whose details are kept.
_RUNS_KEPT = 200

#: Changed files whose rows are compared one by one; of more, nobody would read the counts.
_MOST_COMPARED = 40

#: Settings that move every night by themselves.
_NOT_SETTINGS = ("as_of", "provisional_from")

_FOLDER = Path(__file__).parent

#: Meaning of each table and its columns.
MEANINGS: dict[str, tuple[str, dict[str, str]]] = {
    "restatements": (
        "One row per run, month and causes: the published number that moved, and those that moved for the same reason.",
        {
            "run_id": "Run that moved it.",
            "published_at": "When, UTC.",
            "month": "Month of the number.",
            "metric": "Column of marts.monthly_totals; of several the first people ask for, beginning with revenue.",
            "value_before": "Value before; null when the month is new.",
            "value_after": "Value after; null when the month is gone.",
            "was_provisional": "The month was marked as one that may still change, so nobody should be surprised.",
            "files": "Files that moved it: each came, went or changed, and gives something else in this month.",
            "is_certain": "False: no file is seen to act in this month, so all that came, went or changed are named.",
            "settings_changed": "Settings and tables of config that differ since; none when files explain all of it.",
            "software_changed": "Models and connectors that another version of the software builds in another way.",
            "because": "The causes in words.",
            "also_moved": "Other totals of the month that moved for the same reason.",
            "count_details": "Further published numbers of the month that moved, in ops.restatements_detail.",
        },
    ),
    "restatements_detail": (
        "One row per run and published number that moved, of every mart; the last 200 runs.",
        {
            "run_id": "Run that moved it.",
            "mart": "Table in marts.",
            "metric": "What is counted there.",
            "month": "Month of the number; null for numbers of the whole period.",
            "item": "Which one: the channel, stage, step or day; empty for the whole.",
            "value_before": "Value before; null when there was none.",
            "value_after": "Value after; null when there is none any more.",
            "is_headline": "A monthly total, which ops.restatements explains.",
        },
    ),
    "code_versions": (
        "One row per model and connector query: the version of its code, to tell new software from new files.",
        {"name": "Model or query.", "code_version": "Hash of its code."},
    ),
}

_KEPT = {
    "restatements": "run_id varchar, published_at timestamp, month date, metric varchar, value_before double, "
    "value_after double, was_provisional boolean, files varchar[], is_certain boolean, settings_changed varchar[], "
    "software_changed varchar[], because varchar, also_moved varchar[], count_details bigint",
    "restatements_detail": "run_id varchar, mart varchar, metric varchar, month date, item varchar, "
    "value_before double, value_after double, is_headline boolean",
}


@dataclass(frozen=True)
class Metric:
    """One published number of a mart, and how to find it again."""

    mart: str
    metric: str
    measure: str
    month: str
    item: str
    only: str

    def select(self, marts: str) -> str:
        """Return SQL for its values in the marts of a database."""
        month = f"cast({self.month} as date)" if self.month else "null::date"
        item = f"cast({self.item} as varchar)" if self.item else "''"
        where = f"where {self.only}" if self.only else ""
        return (
            f"select {literal(self.mart)} as mart, {literal(self.metric)} as metric, {month} as month, {item} as item, "
            f"cast(sum({self.measure}) as double) as value from {marts}.{self.mart} {where} group by all"
        )


def published_metrics() -> list[Metric]:
    """Return every number that is compared from run to run."""
    with (DEFAULTS / "published_metrics.csv").open(encoding="utf-8", newline="") as file:
        return [Metric(**row) for row in csv.DictReader(file)]


def write_restatements(
    warehouse: Warehouse,
    run_id: str,
    published_at: datetime,
    before: Path | None,
    *,
    code: Mapping[str, str] = {},
    keyed: Iterable[tuple[str, str]] = (),
) -> int:
    """Add to the `ops` tables what moved since the published file, and return how many published totals did.

    Args:
        warehouse: The open database, with everything built.
        run_id: This run.
        published_at: When it publishes, UTC.
        before: The published file of the run before.
        code: Version of the code of every model and connector query.
        keyed: Exports whose rows have a natural key, as (system, export).
    """
    for name, columns in _KEPT.items():
        _keep(warehouse, name, columns)
    versions = pa.table({"name": sorted(code), "code_version": [code[name] for name in sorted(code)]})
    warehouse.write("ops.code_versions", versions)
    for name in MEANINGS:
        meaning, meanings = MEANINGS[name]
        warehouse.comment(f"ops.{name}", "table", meaning, meanings)
    if before is None or not before.exists():
        return 0
    try:
        warehouse.execute(f"attach {literal(str(before))} as earlier (read_only)")
    except WarehouseError:
        # What lies there is no database of ours; it is replaced, and nothing can be compared with it.
        return 0
    try:
        _write_moved(warehouse)
        if not warehouse.value("select count(*) from private.moved"):
            return 0
        _write_file_changes(warehouse, frozenset(keyed))
        _write_other_causes(warehouse)
        return _write_lines(warehouse, run_id, published_at)
    finally:
        warehouse.execute("detach earlier")
        for name in ("moved", "file_changes", "contributions_before", "other_causes", "causes"):
            warehouse.drop(f"private.{name}")


def _keep(warehouse: Warehouse, name: str, columns: str) -> None:
    """Make a table that grows from run to run, or give one of an older version the columns it lacks."""
    table = qualified(f"ops.{name}")
    if not warehouse.exists(f"ops.{name}"):
        warehouse.execute(f"create table {table} ({columns})")
        return
    warehouse.execute(f"create or replace table private.wanted ({columns})")
    wanted = dict(warehouse.describe("select * from private.wanted"))
    known = dict(warehouse.describe(f"select * from {table}"))
    if list(known) != list(wanted):
        shared = ", ".join(column for column in wanted if known.get(column) == wanted[column])
        warehouse.execute(f"insert into private.wanted ({shared}) select {shared} from {table}")
        warehouse.create(f"ops.{name}", "select * from private.wanted")
    warehouse.drop("private.wanted")


def _has(warehouse: Warehouse, table: str) -> bool:
    """Tell whether the earlier file has a table, which an older version of the software may not have written."""
    schema, name = table.split(".")
    return bool(
        warehouse.value(
            "select count(*) from duckdb_tables() where database_name = 'earlier' and schema_name = $1 "
            "and table_name = $2",
            [schema, name],
        )
    )


def _write_moved(warehouse: Warehouse) -> None:
    """Write `private.moved`: every published number whose value differs, as far as both runs publish it."""
    shared = []
    for metric in published_metrics():
        try:
            warehouse.describe(metric.select("earlier.marts"))
            shared.append(metric)
        except WarehouseError:
            continue
    none = "select '' as mart, '' as metric, null::date as month, '' as item, 0.0::double as value where false"
    after, before = (
        "\nunion all\n".join([none, *(m.select(marts) for m in shared)]) for marts in ("marts", "earlier.marts")
    )
    warehouse.create(
        "private.moved",
        f"""
        with after as ({after}), before as ({before})
        select coalesce(after.mart, before.mart) as mart, coalesce(after.metric, before.metric) as metric,
            coalesce(after.month, before.month) as month, coalesce(after.item, before.item) as item,
            before.value as value_before, after.value as value_after,
            coalesce(after.mart, before.mart) = {literal(HEADLINES)} as is_headline
        from after
        full join before
            on after.mart = before.mart and after.metric = before.metric and after.item = before.item
            and coalesce(after.month, date '0001-01-01') = coalesce(before.month, date '0001-01-01')
        where round(coalesce(after.value, 0), 6) <> round(coalesce(before.value, 0), 6)""",
    )


def _write_file_changes(warehouse: Warehouse, keyed: frozenset[tuple[str, str]]) -> None:
    """Write `private.file_changes`, and what the files gave before; a file that was only renamed did not change."""
    contributions = "earlier.core.file_contributions" if _has(warehouse, "core.file_contributions") else ""
    warehouse.create(
        "private.contributions_before",
        f"select * from {contributions}" if contributions else "select * from core.file_contributions where false",
    )
    changes = warehouse.records(
        """with
        now as (select * from ops.files where status = 'loaded'),
        was as (select * from earlier.ops.files where status = 'loaded'),
        here as (select * from now anti join was using (file_id)),
        gone as (select * from was anti join now using (file_id))
        select coalesce(here.file_name, gone.file_name) as file_name,
            gone.file_id as id_before, here.file_id as id_after, gone.sha256 as sha_before,
            here.source_system, here.source_export, loaded.staged_path
        from here
        full join gone on gone.file_name = here.file_name
        left join private.loaded_files as loaded on loaded.file_id = here.file_id
        order by file_name"""
    )
    compared = 0
    for change in changes:
        change["says"] = " is new" if change["id_before"] is None else " is gone"
        if change["id_before"] and change["id_after"]:
            compared += 1
            is_keyed = (change["source_system"], change["source_export"]) in keyed
            change["says"] = (
                f" changed{_rows_changed(warehouse, change, is_keyed) if compared <= _MOST_COMPARED else ''}"
            )
    names = ("file_name", "id_before", "id_after", "says")
    schema = pa.schema([(name, pa.string()) for name in names])
    warehouse.write(
        "private.file_changes", pa.Table.from_pylist([{n: c[n] for n in names} for c in changes], schema=schema)
    )


def _rows_changed(warehouse: Warehouse, change: Mapping[str, Any], is_keyed: bool) -> str:
    """Say how many rows of a file differ, as far as the cache still holds what it was read as before."""
    folder, _, name = str(change["staged_path"]).rpartition("/")
    now = f"{folder}/{name}"
    was = f"{folder}/{str(change['sha_before'])[:16]}-{name.partition('-')[2]}"
    staged = warehouse.folder and warehouse.folder / "staged"
    if not staged or not (staged / was).exists():
        return ""
    rows = (
        "select row_key, count(*) as n, list_sort(list(hash(r))) as content "
        "from (select * exclude (line_number, file_id) from read_parquet({})) as r group by row_key"
    )
    came, went, differ = warehouse.rows(
        f"""with now as ({rows.format(literal(str(staged / now)))}), was as ({rows.format(literal(str(staged / was)))})
        select coalesce(sum(greatest(coalesce(now.n, 0) - coalesce(was.n, 0), 0)), 0)::bigint,
            coalesce(sum(greatest(coalesce(was.n, 0) - coalesce(now.n, 0), 0)), 0)::bigint,
            count(*) filter (where now.n = was.n and now.content <> was.content)
        from now full join was using (row_key)"""
    )[0]
    if not is_keyed:
        # Without a key a row with another value is another row.
        differ, came, went = differ + min(came, went), came - min(came, went), went - min(came, went)
    counts = [(differ, "changed"), (came, "came"), (went, "went")]
    said = [f"{count:,} {'row' if count == 1 else 'rows'} {verb}" for count, verb in counts if count]
    return f" ({', '.join(said)})" if said else ""


def _write_other_causes(warehouse: Warehouse) -> None:
    """Write `private.other_causes`: the settings and the code that differ, in one row."""
    settings = _settings_changed(warehouse)
    software = []
    if _has(warehouse, "ops.code_versions"):
        software = [
            name
            for (name,) in warehouse.rows(
                "select name from ops.code_versions as now full join earlier.ops.code_versions as was using (name) "
                "where now.code_version is distinct from was.code_version order by name"
            )
        ]
    known = dict(warehouse.describe("select * from earlier.config.settings"))
    closed = "provisional_from" if "provisional_from" in known else "cast(as_of as date)"
    listed = pa.list_(pa.string())
    row = pa.Table.from_pylist(
        [{"settings": settings, "software": software}], schema=pa.schema([("settings", listed), ("software", listed)])
    )
    with warehouse.given(row) as given:
        warehouse.create(
            "private.other_causes",
            f"select {given}.*, {closed} as closed_until from {given} cross join earlier.config.settings",
        )


def _settings_changed(warehouse: Warehouse) -> list[str]:
    now = warehouse.records("select * from config.settings")[0]
    was = warehouse.records("select * from earlier.config.settings")[0]
    changed = [name for name in sorted(now) if name in was and name not in _NOT_SETTINGS and now[name] != was[name]]
    for name in sorted(warehouse.tables("config")):
        if name in ("settings", "clock") or not _has(warehouse, f"config.{name}"):
            continue
        mark = "select (count(*), bit_xor(hash(t)))::varchar from {}.{} as t"
        if warehouse.value(mark.format("config", quoted(name))) != warehouse.value(
            mark.format("earlier.config", quoted(name))
        ):
            changed.append(name)
    return changed


def _write_lines(warehouse: Warehouse, run_id: str, published_at: datetime) -> int:
    """Write the lines and the details of one run; return how many monthly totals moved."""
    causes, lines = ((_FOLDER / name).read_text(encoding="utf-8") for name in ("causes.sql", "lines.sql"))
    warehouse.create("private.causes", causes)
    warehouse.execute(
        f"insert into {qualified('ops.restatements')} by name "
        f"select $1 as run_id, $2::timestamp as published_at, lines.* from (\n{lines}\n) as lines",
        [run_id, published_at],
    )
    details = qualified("ops.restatements_detail")
    warehouse.execute(f"insert into {details} by name select $1 as run_id, * from private.moved order by all", [run_id])
    if warehouse.exists("ops.runs"):
        warehouse.execute(
            f"delete from {details} where run_id <> $1 and run_id not in "
            f"(select run_id from ops.runs order by finished_at desc limit {_RUNS_KEPT})",
            [run_id],
        )
    return int(warehouse.value("select count(*) from private.moved where is_headline"))
