"""The generic connector: files nobody wrote a connector for, mapped by the user in journeys.yaml."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.catalog import columns_named, expression_problem
from pipeline.config.load import Project, lines_named
from pipeline.config.sections.files import GenericExport, Mapped, Pin
from pipeline.contracts import LINEAGE, Column, Contract, contracts
from pipeline.errors import ConfigError, Problem, unknown_name
from pipeline.ingest.spec import CONNECTORS, ColumnSpec, ConnectorSpec, Defaults, ExportSpec, Persons, folded
from pipeline.shape import FILE_COLUMNS
from pipeline.warehouse import literal, quoted

SYSTEM = "generic"

#: What stands in for a required column the user did not map.
_STAND_INS: dict[str, dict[str, str]] = {
    "events": {"event_id": "row_key", "event_name": "{export}"},
    "orders": {"status": "'paid'", "currency": "file_currency"},
    "order_lines": {"line_ref": "row_key::varchar", "quantity": "'1'", "currency": "file_currency"},
    "refunds": {"refund_ref": "row_key::varchar", "currency": "file_currency"},
    "spend": {"platform": "{export}", "ends_on": "{starts_on}", "currency": "file_currency"},
    "engagement": {"platform": "{export}"},
    "responses": {"response_ref": "row_key::varchar", "question_ref": "{export}"},
}


@dataclass(frozen=True)
class _Place:
    """A mapped column and where it stands in journeys.yaml."""

    export: GenericExport
    shape: str
    column: str

    def __str__(self) -> str:
        return f"journeys.yaml: generic.{self.export.name}.shapes.{self.shape}.{self.column}"


def with_generic(specs: Mapping[str, ConnectorSpec], project: Project) -> dict[str, ConnectorSpec]:
    """Return the connectors and, when journeys.yaml maps files of its own, the generic one.

    Raises:
        ConfigError: with everything that is wrong with the mappings, before any file is read.
    """
    mapped = project.settings.generic
    if not mapped:
        return dict(specs)
    problems = [problem for export in mapped for problem in _mapping_problems(export)]
    if problems:
        with lines_named(project.settings_file):
            raise ConfigError(*problems)
    spec = ConnectorSpec(
        system=SYSTEM,
        title="Files mapped in journeys.yaml",
        vendor="you",
        version=1,
        exports={export.name: _export(export) for export in mapped},
        folder=CONNECTORS / SYSTEM,
        shape_sql={f"{shape}__{export.name}": _query(export, shape) for export in mapped for shape in export.shapes},
        shape_systems={f"{shape}__{export.name}": export.system for export in mapped for shape in export.shapes},
    )
    return {**specs, SYSTEM: spec}


def generic_pins(exports: Iterable[GenericExport]) -> list[Pin]:
    """Return the pins that say which files the mapped exports are."""
    return [
        Pin(path=path, system=SYSTEM, export=export.name, zone=export.zone, currency=export.currency)
        for export in exports
        for path in export.files
    ]


def header_problems(export: GenericExport, file_name: str, header: Iterable[str]) -> list[Problem]:
    """Return the columns that a mapping names and a file does not have."""
    labels = [label for label in header if label.strip()]
    known = {folded(label) for label in labels}
    problems = []
    for shape, columns in export.shapes.items():
        for column, source in columns.items():
            for name in _columns_named(source):
                if folded(name) not in known:
                    problems.append(
                        Problem(
                            f"{file_name} has no such column.", str(_Place(export, shape, column)), name, tuple(labels)
                        )
                    )
    for name in export.key:
        if folded(name) not in known:
            problems.append(
                Problem(
                    f"{file_name} has no such column.", f"journeys.yaml: generic.{export.name}.key", name, tuple(labels)
                )
            )
    return problems


def _mapping_problems(export: GenericExport) -> list[Problem]:
    problems: list[Problem] = []
    for shape, columns in export.shapes.items():
        where = f"journeys.yaml: generic.{export.name}.shapes"
        if shape not in contracts():
            problems.append(unknown_name("shape", shape, contracts(), where))
            continue
        contract = contracts()[shape]
        allowed = contract.deliverable
        problems += [
            unknown_name(f"column in the contract {shape}", column, allowed, f"{where}.{shape}")
            for column in columns
            if column not in allowed
        ]
        lacking = [
            name
            for name, column in contract.columns.items()
            if column.required and name not in columns and name not in _STAND_INS.get(shape, {})
        ]
        if lacking:
            problems.append(Problem(f"Required and not mapped: {', '.join(lacking)}.", f"{where}.{shape}"))
        for column, source in columns.items():
            if isinstance(source, Mapped) and source.sql is not None:
                wrong = expression_problem(source.sql)
                if wrong:
                    problems.append(Problem(wrong, str(_Place(export, shape, column)), source.sql))
    return problems


def _columns_named(source: str | Mapped) -> list[str]:
    if isinstance(source, str):
        return [source]
    own = {*LINEAGE, *FILE_COLUMNS, "extra"}
    return sorted(columns_named(source.sql) - own) if source.sql is not None else []


def _export(export: GenericExport) -> ExportSpec:
    named = {
        name for columns in export.shapes.values() for source in columns.values() for name in _columns_named(source)
    }
    columns = {name: ColumnSpec() for name in sorted(named | set(export.key))}
    is_json = export.records is not None or any(
        path.split("!")[-1].removesuffix(".gz").endswith(("json", "jsonl")) for path in export.files
    )
    return ExportSpec(
        title=f"mapped as {', '.join(export.shapes)}",
        format="json" if is_json else "table",
        records=(export.records,) if export.records else ("$[*]", "$"),
        columns=columns,
        key=export.key,
        amounts=_columns_of(export, lambda column: column.is_money),
        ids=_columns_of(export, lambda column: column.is_id),
        time_column=_time_column(export),
        identical_rows_count=not export.key,
        totals=export.totals,
        persons=_persons(export),
        defaults=Defaults(
            zone=export.zone,
            currency=export.currency,
            decimal_mark=export.decimal_mark,
            minor_units=export.minor_units,
        ),
    )


def _columns_of(export: GenericExport, is_wanted: Callable[[Column], bool]) -> tuple[str, ...]:
    """Return the columns of the file that are mapped, as they are, to contract columns of a kind."""
    found = [
        source
        for shape, columns in export.shapes.items()
        for name, source in columns.items()
        if isinstance(source, str) and is_wanted(contracts()[shape].columns[name])
    ]
    return tuple(dict.fromkeys(found))


#: Columns whose latest value tells which of two files is newer.
_TIMES = ("occurred_at", "ordered_at", "refunded_at", "answered_at", "ends_on", "starts_on")


def _time_column(export: GenericExport) -> str | None:
    """Return the column that says when its rows happened, where the mapping names one."""
    named = [columns[time] for time in _TIMES for columns in export.shapes.values() if time in columns]
    return next((source for source in named if isinstance(source, str)), None)


_IDENTIFIERS = {
    "email": "email", "emails": "email", "phone": "phone", "phones": "phone", "user_id": "user_id",
    "user_ids": "user_id", "loyalty_id": "loyalty_id", "loyalty_ids": "loyalty_id", "client_id": "client_id",
    "client_ids": "client_id", "person_key": "person_key", "alias_keys": "person_key",
}  # fmt: skip
_BOOKS = {"orders", "order_lines", "refunds", "spend", "engagement"}


def _persons(export: GenericExport) -> Persons | None:
    """Say where a mapped file names persons; its other columns are blanked for one who is forgotten, money is kept."""
    found: dict[Any, tuple[str, ...]] = {}
    for columns in export.shapes.values():
        for column, source in columns.items():
            kind = _IDENTIFIERS.get(column)
            if kind:
                found[kind] = tuple(dict.fromkeys((*found.get(kind, ()), *_columns_named(source))))
    found = {kind: columns for kind, columns in found.items() if columns}
    on_forget: Any = "strip" if _BOOKS & set(export.shapes) else "drop"
    return Persons(on_forget=on_forget, identifiers=found) if found else None


def _query(export: GenericExport, shape: str) -> str:
    contract = contracts()[shape]
    given = {column: _expression(contract, column, source) for column, source in export.shapes[shape].items()}
    for column, stand_in in _STAND_INS.get(shape, {}).items():
        given.setdefault(column, stand_in.format(export=literal(export.name), starts_on=given.get("starts_on", "null")))
    if "currency" in contract.columns:
        given.setdefault("currency", "file_currency")
    if shape == "events" and "event_name" not in export.shapes[shape]:
        given["event_name"] = f"coalesce({given['interaction']}, {literal(export.name)})"
    if "interaction" in given:
        given["interaction"] = _interaction(given["interaction"])
    chosen = ",\n    ".join(f"{value} as {column}" for column, value in given.items())
    return (
        f"-- One row per row of {export.name}.\n"
        f"select\n    file_id,\n    line_number,\n    row_key,\n    {chosen}\nfrom raw.{SYSTEM}__{export.name}\n"
    )


def _interaction(value: str) -> str:
    return (
        f"coalesce((select min(names.interaction) from config.event_names as names "
        f"where names.source_system = '{SYSTEM}' and names.event_name = {value}), {value})"
    )


def _expression(contract: Contract, column: str, source: str | Mapped) -> str:
    """Return SQL for one contract column; text of the file is read by the column's type."""
    kind = contract.columns[column].type
    if isinstance(source, Mapped):
        if source.sql is not None:
            return f"({source.sql})"
        return literal(str(source.value).lower() if isinstance(source.value, bool) else str(source.value))
    name = quoted(source)
    if kind == "timestamp":
        return f"time_text({name}, file_zone)"
    if kind == "date":
        return f"coalesce(local_time({name})::date::varchar, {name})"
    if kind.startswith("decimal") or kind in ("double", "bigint"):
        return f"money_text({name}, file_decimal_mark)"
    if kind == "boolean":
        return f"yes_or_no_text({name})"
    return f"some_of([{name}])" if kind.endswith("[]") else name
