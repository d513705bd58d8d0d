"""From raw text to the contracts: `raw.<system>__<export>` and `staged.<shape>`, generated from the connectors."""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.catalog import MODELS, inputs_of, token_hash
from pipeline.contracts import LINEAGE, Contract, contracts
from pipeline.errors import ConnectorError, Problem, unknown_name
from pipeline.ingest.spec import CONNECTORS, ConnectorSpec, ExportSpec
from pipeline.warehouse import Warehouse, WarehouseError, literal, quoted

#: Functions that connector SQL may use, and those that models and readers share.
FUNCTIONS = (CONNECTORS / "functions.sql", CONNECTORS / "times.sql", MODELS / "functions.sql")

#: What every raw row knows of its file.
FILE_COLUMNS = {
    "file_name": "varchar",
    "file_zone": "varchar",
    "file_currency": "varchar",
    "file_decimal_mark": "varchar",
    "file_fields": "varchar",
    "file_rank": "bigint",
}


@dataclass(frozen=True)
class ShapeQuery:
    """The SQL of one connector file: what it gives to which shape."""

    system: str
    shape: str
    sql: str
    inputs: frozenset[str]
    where: str

    @property
    def token_hash(self) -> str:
        """Hash of the query's tokens."""
        return token_hash(self.sql)


def connector_queries(spec: ConnectorSpec) -> list[ShapeQuery]:
    """Return the queries of a connector's folder; `<shape>.sql` or `<shape>__<part>.sql`.

    Raises:
        ConnectorError: a file is named after no shape, or reads something that is not an export of the connector.
    """
    queries, problems = [], []
    exports = {spec.raw_name(name) for name, export in spec.exports.items() if not export.advice}
    texts = {path.stem: path.read_text(encoding="utf-8") for path in sorted(spec.folder.glob("*.sql"))}
    for name, sql in {**texts, **spec.shape_sql}.items():
        shape = name.split("__")[0]
        where = f"connectors/{spec.system}/{name}.sql"
        if shape not in contracts():
            problems.append(unknown_name("shape", shape, contracts(), where))
            continue
        inputs = inputs_of(sql)
        problems += [
            unknown_name("export", read, exports, where)
            for read in sorted(inputs)
            if read.startswith("raw.") and read not in exports
        ]
        system = spec.shape_systems.get(name, spec.system)
        queries.append(ShapeQuery(system, shape, sql, inputs, where))
    if problems:
        raise ConnectorError(*problems)
    return queries


def define_functions(warehouse: Warehouse) -> None:
    """Create the functions of ours that SQL may use."""
    for path in FUNCTIONS:
        for statement in path.read_text(encoding="utf-8").split(";\n"):
            if statement.strip():
                warehouse.execute(statement)


def raw_select(export: ExportSpec, staged_files: Sequence[Path]) -> str:
    """Return the SELECT of an export's raw table: all its staged files with what is known of each file."""
    names = ", ".join(f"rows.{quoted(column)}" for column in export.columns)
    files = ", ".join(f"files.{column}" for column in FILE_COLUMNS)
    key = "rows.row_key"
    if export.key_from_name:
        parts = ", ".join(f"coalesce(files.file_fields ->> {literal(part)}, '')" for part in export.key_from_name)
        key = f"md5(concat_ws(chr(31), rows.row_key::varchar, {parts}))::uuid"
    if staged_files:
        source = f"read_parquet([{', '.join(literal(str(path)) for path in staged_files)}])"
    else:
        typed = ", ".join(
            f"null::varchar as {quoted(column)}" for column in (*export.columns, "extra", "read_problem", "file_id")
        )
        source = f"(select {typed}, null::uuid as row_key, null::bigint as line_number where false)"
    return (
        f"select {names}, rows.extra, {key} as row_key, rows.file_id, rows.line_number, {files} "
        f"from {source} as rows join private.loaded_files as files using (file_id) where rows.read_problem is null"
    )


def staged_select(
    contract: Contract,
    queries: Iterable[ShapeQuery],
    warehouse: Warehouse,
    in_minor_units: Container[str] = (),
    readings: str | None = None,
) -> str:
    """Return the SELECT of `staged.<shape>`: all connectors' rows with the contract's columns and types.

    A value that does not cast to its type is left null and named in `problems`, so the row can be rejected with it.

    Args:
        contract: The shape.
        queries: What connectors give to it.
        warehouse: The open database, which tells the types.
        in_minor_units: Systems that have files whose amounts are cents.
        readings: Table that says which moment a time stands for that daylight saving marked; None leaves the marks.

    Raises:
        ConnectorError: a query does not run, gives a column the contract does not have, or lacks one it requires.
    """
    branches, problems = [], []
    for query in queries:
        try:
            given = dict(warehouse.describe(query.sql))
        except WarehouseError as error:
            problems.append(Problem(error.problems[0].what, query.where))
            continue
        wrong = query_problems(contract, query, given)
        problems += wrong
        if not wrong:
            branch = _branch(contract, query, given, readings)
            branches.append(_in_major_units(contract, branch) if query.system in in_minor_units else branch)
    if problems:
        raise ConnectorError(*problems)
    return "\nunion all\n".join(branches) if branches else _nothing(contract)


def query_problems(contract: Contract, query: ShapeQuery, given: Mapping[str, str]) -> list[Problem]:
    """Compare what a connector's query gives with its contract."""
    problems = [
        unknown_name(f"column in the contract {contract.shape}", column, contract.deliverable, query.where)
        for column in given
        if column not in contract.deliverable and column not in LINEAGE
    ]
    needed = [name for name, column in contract.columns.items() if column.required] + list(LINEAGE)
    problems += [Problem(f"The column {name} is missing.", query.where) for name in needed if name not in given]
    return problems


def _branch(contract: Contract, query: ShapeQuery, given: Mapping[str, str], readings: str | None) -> str:
    chosen, failed = [], []
    for name, column in contract.columns.items():
        wanted = "varchar" if column.type == "json" else column.type
        if column.derived is not None:
            value = f"({column.derived})"
        elif column.clock_of is not None:
            is_text = given.get(column.clock_of, "").lower() == "varchar"
            value = _clock_note(f"given.{column.clock_of}") if is_text else "null::varchar"
        elif name not in given:
            value = f"null::{wanted}"
        elif given[name].lower() == wanted or wanted == "varchar":
            value = f"given.{name}" if given[name].lower() == wanted else f"given.{name}::varchar"
        else:
            value = _cast(f"given.{name}", given[name], wanted)
            said = f"{literal(name + ' ')} || '\"' || left(given.{name}::varchar, 200) || '\" is not a {wanted}'"
            failed.append(f"case when given.{name} is not null and {value} is null then {said} end")
        if column.default is not None:
            value = f"coalesce({value}, {column.default})"
        chosen.append(f"{value} as {name}")
    lineage = ", ".join(f"given.{name}" for name in LINEAGE)
    found = f"list_filter([{', '.join(failed)}], lambda p: p is not null)" if failed else "[]::varchar[]"
    select = (
        f"select {', '.join(chosen)}, {lineage}, given.source_system, {found} as problems "
        f"from (select *, {literal(query.system)} as source_system from (\n{query.sql}\n)) as given"
    )
    clocks = {name: column.clock_of for name, column in contract.columns.items() if column.clock_of}
    marked = [(note, time) for note, time in clocks.items() if given.get(time, "").lower() == "varchar"]
    return _read_again(select, *marked[0], readings) if readings and marked else select


def _in_major_units(contract: Contract, select: str) -> str:
    """Divide the amounts of files that are written in cents by what their currency has of them."""
    amounts = [name for name, column in contract.columns.items() if column.is_money]
    if not amounts:
        return select
    factor = "case scales.minor_digits when 0 then 1 when 3 then 0.001 else 0.01 end"
    divided = ", ".join(
        f"case when files.file_minor_units then cast(given.{name} * {factor} as {contract.columns[name].type}) "
        f"else given.{name} end as {name}"
        for name in amounts
    )
    return (
        f"select given.* replace ({divided}) from ({select}) as given "
        "join private.loaded_files as files on files.file_id = given.file_id "
        "left join config.currencies as scales on scales.currency = given.currency"
    )


def _clock_note(value: str) -> str:
    """Return SQL that says what utc_text marked: skipped, repeated and after how many minutes, or null."""
    return (
        f"case when ends_with({value}, '(clocks skip this time)') then 'skipped' "
        f"when contains({value}, '(clocks repeat') "
        f"then 'repeated ' || regexp_extract({value}, 'after ([0-9]+) minutes', 1) end"
    )


def _read_again(select: str, note: str, time: str, readings: str) -> str:
    """Give marked times the moment that they stand for."""
    return (
        f"select shaped.* replace (coalesce(readings.moment, shaped.{time}) as {time}, readings.time_note as {note}) "
        f"from ({select}) as shaped left join {readings} as readings on readings.file_id = shaped.file_id "
        f"and readings.line_number = shaped.line_number and readings.said_at = shaped.{time} "
        f"and shaped.{note} is not null"
    )


_ISO_TIME = "[0-9]{4}-[0-9]{2}-[0-9]{2}( [0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,9})?)?)?"


_CLOCK_MARK = " [(]clocks (skip this time|repeat this time after [0-9]+ minutes)[)]"


def _cast(value: str, kind: str, wanted: str) -> str:
    """Return SQL that reads a value as a type, or gives null; a time with anything behind it is no time.

    DuckDB's own cast takes `10:00+02:00` and `10:00 EST` for a time and drops what follows.
    """
    if kind.lower() == "varchar" and wanted in ("timestamp", "date"):
        plain = f"when regexp_full_match({value}, '{_ISO_TIME}') then try_cast({value} as {wanted})"
        marked = (
            f"when regexp_full_match({value}, '{_ISO_TIME}{_CLOCK_MARK}') "
            f"then try_cast(split_part({value}, ' (', 1) as {wanted})"
        )
        return f"case {plain} {marked} end"
    return f"try_cast({value} as {wanted})"


def _nothing(contract: Contract) -> str:
    columns = {name: "varchar" if c.type == "json" else c.type for name, c in contract.columns.items()}
    columns |= {name: column_type for name, (column_type, _) in LINEAGE.items()}
    columns |= {"source_system": "varchar", "problems": "varchar[]"}
    return "select " + ", ".join(f"null::{t} as {name}" for name, t in columns.items()) + " where false"


def fields_text(fields: Mapping[str, str]) -> str:
    """Return the parts of a file's name as the JSON text that `file_fields` holds."""
    return json.dumps(dict(sorted(fields.items())), ensure_ascii=False)
