"""Good rows from bad ones: what is rejected and why, what a newer export replaces, and what is left.

Rejection goes by line: a line of a file stands or falls with everything it was shaped into, so that
`read = accepted + rejected + duplicate` can be counted per file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pyarrow as pa

from pipeline.contracts import Contract, Rule, contracts
from pipeline.ingest import ids
from pipeline.ingest.intake import FileVerdict
from pipeline.ingest.recognise import declared_period
from pipeline.ingest.spec import ConnectorSpec, ExportSpec
from pipeline.shape import fields_text
from pipeline.warehouse import Warehouse, json_object, literal, quoted

#: Exports that have files tonight, as (system, export).
Delivered = Sequence[tuple[str, str]]

#: `validated.rejects` without rows.
NO_REJECTS = (
    "select ''::varchar as file_id, 0::bigint as line_number, ''::varchar as shape, ''::varchar as rule, "
    "''::varchar as reason where false"
)

#: Shape, column and condition of times that cannot lie in the future; only deals that are to close one day may.
_MOMENTS = (
    ("events", "occurred_at", "true"),
    ("orders", "ordered_at", "status not in ('open', 'lost')"),
    ("responses", "answered_at", "true"),
    ("people", "created_at", "true"),
    ("spend", "starts_on", "true"),
)

_NOT_REJECTED = (
    "not exists (select 1 from validated.rejects as r where r.file_id = s.file_id and r.line_number = s.line_number)"
)


def write_files(warehouse: Warehouse, verdicts: Iterable[FileVerdict]) -> None:
    """Write what is known of each loaded file before its rows are looked at, and its rank among exports."""
    schema = pa.schema(
        [
            ("file_id", pa.string()), ("file_name", pa.string()), ("source_system", pa.string()),
            ("source_export", pa.string()), ("file_zone", pa.string()), ("file_currency", pa.string()),
            ("file_decimal_mark", pa.string()), ("file_fields", pa.string()), ("exported_on", pa.string()),
            ("file_minor_units", pa.bool_()),
            ("newest_value", pa.string()), ("rows_read", pa.int64()), ("rows_unreadable", pa.int64()),
            ("staged_path", pa.string()), ("sha256", pa.string()), ("declared_from", pa.date32()),
            ("declared_to", pa.date32()), ("provisional_days", pa.int32()),
        ]
    )  # fmt: skip
    rows = [
        {
            "file_id": v.staged.file_id,
            "file_name": v.name,
            "source_system": v.system,
            "source_export": v.export,
            "file_zone": v.zone,
            "file_currency": v.currency,
            "file_decimal_mark": v.decimal_mark,
            "file_minor_units": v.minor_units,
            "file_fields": fields_text(v.name_fields),
            "exported_on": v.exported_on,
            "newest_value": v.staged.newest_value,
            "rows_read": v.staged.rows_read,
            "rows_unreadable": v.staged.rows_unreadable,
            "staged_path": v.staged.path,
            "sha256": v.sha256,
            "declared_from": declared_period(v.name_fields)[0],
            "declared_to": declared_period(v.name_fields)[1],
            "provisional_days": v.provisional_days,
        }
        for v in verdicts
        if v.staged is not None
    ]
    with warehouse.given(pa.Table.from_pylist(rows, schema=schema)) as given:
        # A day in the file's name says most about which export is newer; then the newest row; then the number of rows,
        # since late rows are added and not taken away; the hash only makes the order the same every night.
        warehouse.create(
            "private.loaded_files",
            f"""select *, row_number() over (
                    order by exported_on nulls first, newest_value nulls first, rows_read, sha256
                ) as file_rank from {given}""",
        )


def checked_table(shape: str) -> str:
    """Name the table of what rules look at in a shape's rows."""
    return f"private.checked_{shape}"


def write_checked(warehouse: Warehouse, shapes: Iterable[str]) -> None:
    """Write the columns that rules look at, so that values are cast once for all rules, and the latest time in them."""
    for shape in shapes:
        columns = ", ".join([*contracts()[shape].checked_columns(), "problems", "file_id", "line_number"])
        warehouse.create(checked_table(shape), f"select {columns} from staged.{shape}")


def write_latest(warehouse: Warehouse) -> None:
    """Write `private.latest_moment`: the latest time of any row that has happened already, as its export says."""
    moments = "\nunion all\n".join(
        f"select max({column}) as moment from {checked_table(shape)} where {condition}"
        for shape, column, condition in _MOMENTS
    )
    warehouse.create("private.latest_moment", f"select max(moment) as moment from ({moments})")


def find_rejects(warehouse: Warehouse, shapes: Iterable[str], shortened_in: Sequence[Path] = ()) -> None:
    """Write `validated.rejects`: one row per line and reason why it is not used.

    Args:
        warehouse: The open database.
        shapes: Contracts whose rules are checked.
        shortened_in: Staged files that hold rows with an id that a spreadsheet shortened.
    """
    parts = [_failing(contracts()[shape]) for shape in shapes]
    if shortened_in:
        listed = ", ".join(literal(str(path)) for path in shortened_in)
        parts.append(
            f"select file_id, line_number, null as shape, {literal(ids.RULE)} as rule, id_problem as reason "
            f"from read_parquet([{listed}], union_by_name = true) where id_problem is not null and read_problem is null"
        )
    warehouse.create("validated.rejects", "\nunion all\n".join(parts) if parts else NO_REJECTS)


def _failing(contract: Contract) -> str:
    rules = contract.row_rules()
    failing = " or ".join(["len(problems) > 0", *(f"({rule.check}) is false" for rule in rules.values())])
    named = ",\n".join(
        f"case when ({rule.check}) is false then {{'rule': {literal(name)}, 'reason': {_reason(rule)}}} end"
        for name, rule in rules.items()
    )
    return f"""
        select file_id, line_number, {literal(contract.shape)} as shape, failed.rule as rule, failed.reason as reason
        from (
            select file_id, line_number, unnest(list_concat(
                list_transform(problems, lambda p: {{'rule': 'values_are_readable', 'reason': p}}),
                list_filter([{named}], lambda f: f is not null))) as failed
            from {checked_table(contract.shape)}
            where {failing}
        )"""


def _reason(rule: Rule) -> str:
    received = f" || ', but \"' || left({rule.shows}::varchar, 100) || '\"'" if rule.shows else ""
    return literal(rule.says) + received


def find_superseded(
    warehouse: Warehouse, specs: Mapping[str, ConnectorSpec], delivered: Delivered, replaced: Iterable[str] = ()
) -> None:
    """Write `validated.superseded`: lines that a newer export, or an earlier line of the same file, already gives.

    Args:
        warehouse: The open database.
        specs: All connectors.
        delivered: Exports that have files.
        replaced: SELECTs of further lines, those of whole days that a newer file sums up anew.
    """
    parts = list(replaced)
    for system, name in delivered:
        parts.append(_older(specs[system], name))
        parts += _covered(specs[system], name, delivered)
        parts += _restated(specs[system], name)
    found = "\nunion all\n".join(parts) or "select ''::varchar as file_id, 0::bigint as line_number where false"
    warehouse.create("validated.superseded", f"select distinct file_id, line_number from ({found})")
    warehouse.create(
        "validated.dropped_lines",
        "select distinct file_id, line_number from "
        "(select file_id, line_number from validated.rejects "
        "union all select file_id, line_number from validated.superseded)",
    )


def _older(spec: ConnectorSpec, name: str) -> str:
    """Drop rows whose key a newer file has, or the same file in a later state.

    Where nothing tells which of two rows of a file is later, their content decides and not their place, so that a file
    sorted in another way gives the same.
    """
    raw, export = spec.raw_name(name), spec.exports[name]
    later = f"s.{quoted(export.time_column)} desc nulls last, " if export.time_column else ""
    content = ", ".join(f"s.{quoted(column)}" for column in (*export.columns, "extra"))
    return f"""
        select file_id, line_number
        from (
            select s.file_id, s.line_number, row_number() over (
                partition by s.row_key order by files.file_rank desc, {later}hash({content}), s.line_number) as place
            from {raw} as s
            join private.loaded_files as files using (file_id)
            where {_NOT_REJECTED} and s.row_key in (select row_key from {raw} group by row_key having count(*) > 1)
        )
        where place > 1"""


def _covered(spec: ConnectorSpec, name: str, delivered: Delivered) -> list[str]:
    export = spec.exports[name]
    other = export.newest.superseded_by
    if not other or (spec.system, other) not in delivered:
        return []
    same = " and ".join(f"o.{quoted(c)} = s.{quoted(c)}" for c in export.newest.same)
    days = ", ".join(quoted(c) for c in export.newest.same)
    return [
        f"select s.file_id, s.line_number from {spec.raw_name(name)} as s "
        f"semi join (select distinct {days} from {spec.raw_name(other)}) as o on {same} where {_NOT_REJECTED}"
    ]


def _restated(spec: ConnectorSpec, name: str) -> list[str]:
    """Drop what an older file says of a whole, such as one report of one period, that a newer file gives anew."""
    whole = [quoted(column) for column in spec.exports[name].newest.replaces_all_of]
    if not whole:
        return []
    raw, columns = spec.raw_name(name), ", ".join(f"s.{column}" for column in whole)
    same = " and ".join(f"newest.{column} is not distinct from s.{column}" for column in whole)
    return [
        f"select s.file_id, s.line_number from {raw} as s join ("
        f"select {columns}, max(s.file_rank) as file_rank from {raw} as s where {_NOT_REJECTED} group by {columns}"
        f") as newest on {same} and newest.file_rank > s.file_rank where {_NOT_REJECTED}"
    ]


def dropped_marks(warehouse: Warehouse) -> dict[str, tuple[int, int]]:
    """Return, per raw table, a mark of the lines it lost: the same lines give the same mark."""
    rows = warehouse.rows(
        "select 'raw.' || source_system || '__' || source_export, count(*), bit_xor(hash(d.file_id, d.line_number)) "
        "from validated.dropped_lines as d join private.loaded_files as files using (file_id) group by 1"
    )
    return {name: (count, mark) for name, count, mark in rows}


def define_validated(warehouse: Warehouse, contract: Contract) -> None:
    """Define `validated.<shape>`: the rows that are used."""
    columns = ", ".join([*contract.columns, "file_id", "line_number", "row_key", "source_system"])
    warehouse.create(
        f"validated.{contract.shape}",
        f"select {columns} from staged.{contract.shape} anti join validated.dropped_lines using (file_id, line_number)",
        kind="view",
    )


def count_lines(warehouse: Warehouse, specs: Mapping[str, ConnectorSpec], delivered: Delivered) -> None:
    """Write `private.line_counts`: per file what became of its lines, the accepted ones counted where they arrived."""
    arrived = "\nunion all\n".join(
        f"select distinct file_id, line_number from validated.{shape}" for shape in contracts()
    )
    references = [
        f"select file_id, line_number from {specs[system].raw_name(name)} as s "
        "anti join validated.dropped_lines using (file_id, line_number)"
        for system, name in delivered
        if specs[system].exports[name].is_reference
    ]
    everything = "\nunion all\n".join([arrived, *references])
    warehouse.create(
        "private.line_counts",
        f"""
        with
        accepted as (
            select file_id, count(*) as rows_accepted
            from (select distinct file_id, line_number from ({everything})) group by file_id),
        rejected as (
            select file_id, count(distinct line_number) as rows_rejected from validated.rejects group by file_id),
        superseded as (
            select file_id, count(*) as rows_duplicate from validated.superseded group by file_id)
        select files.file_id, files.rows_read,
            coalesce(rows_accepted, 0) as rows_accepted,
            coalesce(rows_rejected, 0) + files.rows_unreadable as rows_rejected,
            coalesce(rows_duplicate, 0) as rows_duplicate
        from private.loaded_files as files
        left join accepted using (file_id)
        left join rejected using (file_id)
        left join superseded using (file_id)""",
    )


def write_rejected_rows(
    warehouse: Warehouse, specs: Mapping[str, ConnectorSpec], delivered: Delivered, unreadable_in: Sequence[Path] = ()
) -> None:
    """Write `ops.rejected_rows`: every rejected line with its file, its text and the rule it broke.

    Args:
        warehouse: The open database.
        specs: All connectors.
        delivered: Exports that have files.
        unreadable_in: Staged files that hold lines which could not be read as rows.
    """
    none = "select ''::varchar as file_id, 0::bigint as line_number, ''::varchar as {} where false"
    texts = [_raw_texts(specs[system].raw_name(name), specs[system].exports[name]) for system, name in delivered]
    raw_texts = "\nunion all\n".join(texts) or none.format("raw_text")
    unreadable = none.format("reason, ''::varchar as raw_text")
    if unreadable_in:
        listed = ", ".join(literal(str(path)) for path in unreadable_in)
        unreadable = (
            "select file_id, line_number, read_problem as reason, read_text as raw_text "
            f"from read_parquet([{listed}], union_by_name = true) where read_problem is not null"
        )
    warehouse.create(
        "ops.rejected_rows",
        f"""
        with texts as ({raw_texts}), unreadable as ({unreadable})
        select files.file_name, r.line_number, files.source_system, files.source_export, r.shape, r.rule, r.reason,
            texts.raw_text, r.file_id
        from validated.rejects as r
        join private.loaded_files as files using (file_id)
        left join texts using (file_id, line_number)
        union all
        select files.file_name, u.line_number, files.source_system, files.source_export, null, 'line_is_readable',
            u.reason, u.raw_text, u.file_id
        from unreadable as u
        join private.loaded_files as files using (file_id)
        order by all""",
    )


def _raw_texts(raw: str, export: ExportSpec) -> str:
    """Give a rejected line back as JSON of what it held, column by column."""
    pairs = ", ".join(f"{{'k': {literal(c)}, 'v': left(s.{quoted(c)}, 500)}}" for c in (*export.read_columns, "extra"))
    return (
        f"select s.file_id, s.line_number, {json_object(f'[{pairs}]')} as raw_text from {raw} as s "
        "semi join validated.rejects as r on r.file_id = s.file_id and r.line_number = s.line_number"
    )
