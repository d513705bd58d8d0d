"""Cases as data: a few rows in, a few rows out, only the columns that matter.

A file tests/models/<layer>/<name>.yaml is a list of cases:

    - case: what is shown, as a sentence
      settings: {lookback_days: 30}          # columns of config.settings that differ
      given:
        core.touches:
          - {customer_id: 1, channel_code: 2}
      expect:
        - {customer_id: 1, journey_id: 1000001}

A column left out of a given row is null, or false for booleans. Tables left out have no rows; config tables hold what
is shipped. `expect` names all rows of the model, in any order (those that `where` leaves); `count` only says how many there are, and
`expect_groups` which rows share an id that means nothing by itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import yaml

from pipeline.catalog import Model
from pipeline.warehouse import Warehouse, literal, qualified

FOLDER = Path(__file__).parent

#: PyYAML's own parser in C, where it was built with it, is ten times as fast.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
#: Kind, and columns with their types, of the tables of a warehouse that were asked for; asking takes most of a case.
_KNOWN: WeakKeyDictionary[Warehouse, dict[str, tuple[str, list[tuple[str, str]]]]] = WeakKeyDictionary()


def read_cases(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield (table or audit name, case) for every case below `folder`."""
    for path in sorted(folder.rglob("*.yaml")):
        name = f"{path.parent.name}.{path.stem}" if path.parent != folder else path.stem
        for case in yaml.load(path.read_text(encoding="utf-8"), _LOADER):
            yield name, case


@contextmanager
def given(warehouse: Warehouse, case: dict[str, Any]) -> Iterator[None]:
    """Put the case's rows into their tables for the time of the block."""
    tables = dict(case.get("given", {}))
    if "settings" in case:
        tables["config.settings"] = [{**warehouse.records("select * from config.settings")[0], **case["settings"]}]
    known = _KNOWN.setdefault(warehouse, {})
    kept = {}
    for name in tables:
        if name not in known:
            schema, table = name.split(".")
            known[name] = (warehouse.tables(schema)[table], warehouse.describe(f"select * from {name}"))
        kept[name] = kind, columns = known[name]
        _rename(warehouse, kind, name, f"{name}__kept")
        warehouse.create(name, rows_sql(columns, tables[name]))
        known[name] = "table", columns
    try:
        yield
    finally:
        for name, (kind, columns) in kept.items():
            warehouse.execute(f"drop table {qualified(name)}")
            _rename(warehouse, kind, f"{name}__kept", name)
            known[name] = kind, columns


def _rename(warehouse: Warehouse, kind: str, name: str, to: str) -> None:
    warehouse.execute(f"alter {kind} {qualified(name)} rename to {to.split('.')[1]}")


def rows_sql(columns: list[tuple[str, str]], rows: list[dict[str, Any]]) -> str:
    """Return a SELECT of literal rows with the given columns and types."""
    known = {name for name, _ in columns}
    for row in rows:
        assert set(row) <= known, f"no such column: {sorted(set(row) - known)}"
    selects = [
        "select " + ", ".join(f"{_value(row.get(name), kind)}::{kind} as {name}" for name, kind in columns)
        for row in rows
    ]
    empty = "select " + ", ".join(f"null::{kind} as {name}" for name, kind in columns) + " where false"
    return " union all ".join(selects) if selects else empty


def _value(value: Any, kind: str) -> str:
    if value is None:
        return "false" if kind == "BOOLEAN" else "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return f"[{', '.join(_value(item, kind.removesuffix('[]')) for item in value)}]"
    if isinstance(value, dict):
        return literal(json.dumps(value))
    if kind == "UUID":
        return f"md5({literal(str(value))})"
    return literal(str(value))


def computed(warehouse: Warehouse, model: Model) -> list[dict[str, Any]]:
    """Return the rows a model gives on the tables as they are."""
    if model.compute is not None:
        return model.compute(warehouse.arrow).to_pylist()
    return warehouse.records(model.sql)


def comparable(rows: list[dict[str, Any]], columns: list[str]) -> list[tuple[str, ...]]:
    """Return the named columns of rows in a form that compares whatever the number types, sorted."""
    return sorted(tuple(_text(row.get(column)) for column in columns) for row in rows)


def _text(value: Any) -> str:
    if value is None:
        return "∅"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float | Decimal):
        return (
            f"{float(value):.6f}".rstrip("0").rstrip(".").replace("-0", "0") if abs(float(value)) < 1e12 else str(value)
        )
    if isinstance(value, datetime):
        return value.isoformat(sep=" ").removesuffix(" 00:00:00")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return " | ".join(_text(item) for item in value)
    return str(value)
