"""One raw file becomes one Parquet file of text, kept by the hash of its content and of how it was read."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from pipeline.ingest import amounts, ids
from pipeline.ingest.files import RawFile
from pipeline.ingest.readers import Limits, Reading, block_batches, json_batches, table_batches
from pipeline.ingest.recognise import Match, Shape
from pipeline.ingest.spec import ConnectorSpec, ExportSpec, label_columns
from pipeline.privacy import Suppressions, redacted
from pipeline.warehouse import Warehouse, WarehouseError, json_object, literal, quoted

#: Raise it when this module or the readers begin to give other rows for the same file.
READER_VERSION = 2

#: Columns every staged file has besides the export's own.
ADDED = ("extra", "row_key", "line_number", "read_problem", "read_text", "id_problem", "file_id")

NOBODY = Suppressions()

_SEPARATOR = "chr(31)"


@dataclass(frozen=True)
class Staged:
    """What is known of a staged file without opening it."""

    file_id: str
    path: str
    """Name of the Parquet file below the staged folder."""
    rows_read: int
    """Rows of the raw file: good and unreadable ones, without title, comment, totals and blank lines."""
    rows_unreadable: int
    lines_layout: int
    rows_shortened: int
    """Rows with an id that a spreadsheet shortened."""
    encoding: str
    newest_value: str | None = None
    """Latest text of the export's time column; tells which of two exports is newer."""
    amounts: dict[str, Any] | None = None
    """What the amounts show of their decimal mark; see pipeline.ingest.amounts."""
    columns_unknown: list[str] = field(default_factory=list)
    columns_missing: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read_version(spec: ConnectorSpec, export: str, match: Match, suppressions: Suppressions) -> str:
    """Return the hash of everything but the content that decides what a file is read as."""
    read_by = spec.exports[export].model_dump(
        mode="json",
        exclude={
            "title",
            "menu",
            "file_names",
            "quirks",
            "column_patterns",
            "newest",
            "advice",
            "time_column",
            "key_from_name",
            "expectations",
            "persons",
            "is_daily",
            "provisional_days",
            "is_reference",
            "needs_zone",
            "needs_currency",
            "defaults",
        },
    )
    pinned = match.pin.encoding if match.pin else None
    forgotten = suppressions.mark if spec.exports[export].persons else ""
    parts = [
        forgotten,
        READER_VERSION,
        spec.version,
        read_by,
        pinned,
        match.delimiter,
        list(match.header),
        match.header_line,
        match.records_path,
    ]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:12]


def stage(
    file: RawFile,
    sha256: str,
    match: Match,
    shape: Shape,
    spec: ConnectorSpec,
    folder: Path,
    engine: Warehouse,
    limits: Limits,
    suppressions: Suppressions = NOBODY,
) -> tuple[Staged, bool]:
    """Read `file` into the staged folder unless that was done before.

    Args:
        file: The raw file.
        sha256: Hash of its content.
        match: What it was recognised as.
        shape: What its head showed.
        spec: Its connector.
        folder: The staged folder.
        engine: A database in memory that may write below `folder`.
        limits: The largest cell and record that is read.
        suppressions: Persons who asked to be forgotten.

    Returns:
        What was staged, and whether it was found in the cache.

    Raises:
        UnreadableFileError: the file is damaged; nothing of it is staged.
    """
    export = spec.exports[match.export]
    name = f"{spec.system}/{match.export}/{sha256[:16]}-{read_version(spec, match.export, match, suppressions)}"
    target, manifest = folder / f"{name}.parquet", folder / f"{name}.json"
    if target.exists() and manifest.exists():
        return Staged(**json.loads(manifest.read_text(encoding="utf-8"))), True
    target.parent.mkdir(parents=True, exist_ok=True)
    # Two files with the same content may be read at the same time.
    half, scratch = (target.with_suffix(f".{threading.get_ident()}.{kind}") for kind in ("half", "utf8"))
    reading = Reading()
    try:
        _write(file, sha256[:12], match, shape, spec, half, scratch, reading, engine, limits, suppressions)
        staged = _described(half, name, sha256[:12], match, export, shape, reading, engine)
        manifest.write_text(json.dumps(asdict(staged)), encoding="utf-8")
        half.replace(target)
    finally:
        half.unlink(missing_ok=True)
        scratch.unlink(missing_ok=True)
    return staged, False


def _write(
    file: RawFile,
    file_id: str,
    match: Match,
    shape: Shape,
    spec: ConnectorSpec,
    target: Path,
    scratch: Path,
    reading: Reading,
    engine: Warehouse,
    limits: Limits,
    suppressions: Suppressions,
) -> None:
    export = spec.exports[match.export]
    if export.layout == "blocks":
        batches = block_batches(file, match, export, reading, limits, scratch)
        select = _blocks_select(export)
    elif export.format == "json":
        batches = json_batches(file, match, shape, export, reading, limits, scratch)
        select = _json_select(export)
    else:
        batches = table_batches(file, match, export, reading, limits, scratch)
        select = _table_select(export, match.header)
    try:
        kept = redacted(select, spec.system, export, suppressions)
        engine.copy_out(batches, _finished(kept, export, file_id), target)
    except WarehouseError:
        if reading.failure is not None:
            raise reading.failure from None
        raise


def _table_select(export: ExportSpec, header: Sequence[str]) -> str:
    """Rename the columns c0, c1, … to the export's; what it does not know goes into `extra`."""
    placed = {column: position for position, column in label_columns(export, header).items()}
    cells = [f"nullif(trim(c{i}), '')" for i in range(len(header))]
    chosen = [f"{cells[placed[c]] if c in placed else 'null::varchar'} as {quoted(c)}" for c in export.read_columns]
    unknown = [i for i in range(len(header)) if i not in placed.values() and header[i].strip()]
    pairs = ", ".join(f"{{'k': {literal(_once(header, i))}, 'v': {cells[i]}}}" for i in unknown)
    extra = json_object(f"[{pairs}]") if unknown else "null::varchar"
    filled = " or ".join(f"{cell} is not null" for cell in cells)
    words = ", ".join(literal(word.casefold()) for word in export.totals)
    total = f" and lower(coalesce({cells[0]}, '')) not in ({words})" if words else ""
    return (
        f"select {', '.join(chosen)}, {extra} as extra, line_number, read_problem, read_text from records "
        f"where read_problem is not null or (({filled}){total})"
    )


def _once(header: Sequence[str], position: int) -> str:
    """Return a label that no other column has: the second of two equal ones gets its number."""
    label = header[position].strip()
    others = {other.strip() for index, other in enumerate(header) if index != position}
    before = sum(1 for other in header[:position] if other.strip() == label)
    number = before + 1
    while before and f"{label} ({number})" in others:
        number += 1
    return f"{label} ({number})" if before else label


def _json_select(export: ExportSpec) -> str:
    """Take the columns out of each record's text; a line that is no JSON object is kept as unreadable."""
    structure: dict[str, object] = {}
    for name, column in export.read_columns.items():
        if column.entry is None:
            _place(structure, _keys(column.path or name))
    if export.entries:
        member: dict[str, object] = {}
        for path in (export.entries.key, *export.entries.values):
            _place(member, path.split("."))
        structure[export.entries.path] = [member]
    good = "read_problem is null and starts_with(ltrim(line), '{') and json_valid(line)"
    parsed = f"case when {good} then from_json(line, {literal(json.dumps(structure))}) end"
    chosen = [
        f"nullif({_leaf(column.path or name)}, '') as {quoted(name)}"
        for name, column in export.read_columns.items()
        if not column.entry
    ]
    extra = "null::varchar"
    entries = "null as entries"
    if export.entries:
        spec = export.entries
        value = f"coalesce({', '.join('e.' + _dotted(path) for path in spec.values)})"
        pair = f"{{'k': e.{_dotted(spec.key)}, 'v': {value}}}"
        entries = f"list_transform(record.{quoted(spec.path)}, lambda e: {pair}) as entries"
        known = {column.entry: name for name, column in export.read_columns.items() if column.entry}
        chosen += [
            f"nullif(entries[list_position(names, {literal(key)})].v, '') as {quoted(name)}"
            for key, name in known.items()
        ]
        listed = ", ".join(literal(key) for key in known)
        # Sorted, because the order of a list of parameters means nothing and `extra` may be part of the natural key.
        extra = json_object(f"list_sort(list_filter(entries, lambda e: e.k not in ({listed})))")
    order = [quoted(name) for name in export.read_columns]
    names = "list_transform(entries, lambda e: e.k)" if export.entries else "null"
    return (
        f"with parsed as (select *, {parsed} as record from records "
        "where read_problem is not null or trim(line) <> ''), "
        f"listed as (select *, {entries} from parsed), "
        f"named as (select *, {names} as names from listed), "
        f"taken as (select {', '.join(chosen)}, {extra} as extra, line_number, "
        f"coalesce(read_problem, case when record is null then 'the line is not a JSON object' end) as read_problem, "
        f"coalesce(read_text, case when record is null then left(line, 2000) end) as read_text from named) "
        f"select {', '.join(order)}, extra, line_number, read_problem, read_text from taken"
    )


def _keys(path: str) -> list[str]:
    return path.removeprefix("$").lstrip(".").split(".")


def _place(structure: dict[str, object], keys: Sequence[str]) -> None:
    for key in keys[:-1]:
        inner = structure.setdefault(key, {})
        assert isinstance(inner, dict), f"{'.'.join(keys)} goes through a column that is read as text"
        structure = inner
    structure[keys[-1]] = "VARCHAR"


def _leaf(path: str) -> str:
    return "record." + ".".join(quoted(key) for key in _keys(path))


def _dotted(path: str) -> str:
    return ".".join(quoted(key) for key in path.split("."))


def _blocks_select(export: ExportSpec) -> str:
    chosen = ", ".join(f"nullif(trim({quoted(c)}), '') as {quoted(c)}" for c in export.read_columns)
    return f"select {chosen}, null::varchar as extra, line_number, read_problem, read_text from records"


def _finished(select: str, export: ExportSpec, file_id: str) -> str:
    """Add the natural key's hash and the file's id."""
    columns = export.key or (*export.read_columns, "extra")
    parts = ", ".join(f"coalesce({quoted(column)}, '')" for column in columns)
    text = f"concat_ws({_SEPARATOR}, {parts})"
    if export.identical_rows_count:
        text = (
            f"concat_ws({_SEPARATOR}, {parts}, row_number() over (partition by {parts} order by line_number)::varchar)"
        )
    named = ", ".join(
        f"nullif({column.made_from}, '') as {quoted(name)}" if column.made_from else quoted(name)
        for name, column in export.columns.items()
    )
    return (
        f"select {named}, extra, md5({text})::uuid as row_key, line_number, read_problem, read_text, "
        f"{ids.problem_sql(export)} as id_problem, {literal(file_id)} as file_id from ({select})"
    )


def _described(
    path: Path,
    name: str,
    file_id: str,
    match: Match,
    export: ExportSpec,
    shape: Shape,
    reading: Reading,
    engine: Warehouse,
) -> Staged:
    newest = quoted(export.time_column) if export.time_column else "null::varchar"
    # Only times that sort as text: years first, or counted since 1970.
    sorts = f"regexp_matches({newest}, '^[0-9]{{4}}(-|[0-9])[0-9]')"
    rows, unreadable, shortened, newest_value = engine.rows(
        f"select count(*), count(read_problem), count(id_problem), max({newest}) filter (where {sorts}) "
        f"from read_parquet({literal(str(path))})"
    )[0]
    unknown: list[str] = []
    missing: list[str] = []
    if export.format == "table" and export.layout == "plain":
        placed = label_columns(export, match.header)
        unknown = [label for i, label in enumerate(match.header) if i not in placed and label.strip()]
        missing = [column for column in export.read_columns if column not in placed.values()]
    given = [column for column in export.columns if column not in missing]
    notes = list(reading.notes)
    if reading.count_short:
        notes.append(f"{reading.count_short:,} rows had fewer cells than the header; the missing ones are empty")
    layout = reading.count_layout + max(0, reading.count_yielded - rows)
    return Staged(
        file_id=file_id,
        path=f"{name}.parquet",
        rows_read=rows,
        rows_unreadable=unreadable,
        lines_layout=layout,
        rows_shortened=shortened,
        encoding=reading.encoding,
        newest_value=newest_value,
        amounts=amounts.evidence(str(path), export, given, engine),
        columns_unknown=unknown,
        columns_missing=missing,
        notes=notes,
    )
