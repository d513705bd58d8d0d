"""Building models: in order, only what changed, with its meaning stored beside it."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipeline.catalog import Audit, Model
from pipeline.errors import ModelError, Problem
from pipeline.findings import MOST
from pipeline.warehouse import Warehouse, WarehouseError, literal, qualified

#: Tables that carry state from night to night; what they hold does not make a model stale.
STATE = frozenset({"identity.registry"})


@dataclass(frozen=True)
class Built:
    """What happened to one model."""

    name: str
    version: str
    is_new: bool
    rows: int
    seconds: float


#: A run that dies builds again what it built in its last seconds.
_WAITS_SECONDS = 2.0


class Versions:
    """Versions of everything that was built; kept in the private database.

    What had no version before is noted a little later, many in one write. A table that had one is noted at once: else
    a run that dies would leave the new table under the old version.
    """

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse
        self._waiting: list[tuple[str, str, int, float]] = []
        self._kept_at = time.monotonic()
        warehouse.execute(
            "create table if not exists private.built (name varchar, version varchar, row_count bigint, seconds double)"
        )
        # A night only appends, which is much cheaper than replacing; the last line of a name holds.
        warehouse.execute(
            "create or replace table private.built as select * from private.built "
            "qualify row_number() over (partition by name order by rowid desc) = 1"
        )
        self._known = {
            row[0]: (row[1], row[2]) for row in warehouse.rows("select name, version, row_count from private.built")
        }

    def of(self, name: str) -> str | None:
        """Return the version of a table, or None when it was never built."""
        known = self._known.get(name)
        return known[0] if known else None

    def rows(self, name: str) -> int:
        """Return how many rows it had when it was built."""
        return self._known[name][1]

    def is_current(self, name: str, version: str) -> bool:
        """Tell whether the table is there in just this version."""
        return self.of(name) == version and self._warehouse.exists(name)

    def set(self, name: str, version: str, rows: int, seconds: float) -> None:
        """Remember a version."""
        is_first = name not in self._known
        self._known[name] = (version, rows)
        self._waiting.append((name, version, rows, seconds))
        if not is_first or time.monotonic() - self._kept_at > _WAITS_SECONDS:
            self.keep()

    def keep(self) -> None:
        """Write down what waits."""
        if self._waiting:
            places = ", ".join(f"(${n + 1}, ${n + 2}, ${n + 3}, ${n + 4})" for n in range(0, 4 * len(self._waiting), 4))
            values = [value for line in self._waiting for value in line]
            self._warehouse.execute(f"insert into private.built values {places}", values)
        self._waiting, self._kept_at = [], time.monotonic()

    def forget(self) -> None:
        """Forget everything, so that all is built anew."""
        self._known, self._waiting = {}, []
        self._warehouse.execute("delete from private.built")

    def stand_on(self, code: Iterable[Path]) -> None:
        """Forget everything when the code that all tables stand on is not that of the last run."""
        digest = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(code))).hexdigest()[:16]
        if self.of("code") != digest:
            self.forget()
            self.set("code", digest, 0, 0.0)


def version_of(own: str, inputs: Iterable[str], versions: Versions) -> str:
    """Return the version of a table: its own hash and the versions of what it reads."""
    parts = [own] + [f"{name}={versions.of(name)}" for name in sorted(inputs) if name not in STATE]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def build(model: Model, warehouse: Warehouse, versions: Versions) -> Built:
    """Make one model unless it is there in the same version.

    Raises:
        ModelError: its SQL does not run.
    """
    version = version_of(model.token_hash, model.inputs, versions)
    if versions.is_current(model.name, version):
        return Built(model.name, version, False, versions.rows(model.name), 0.0)
    began = time.monotonic()
    try:
        rows = make(model, warehouse, meaning=model.description, columns=model.meanings)
    except WarehouseError as error:
        raise ModelError(Problem(error.problems[0].what, f"{model.layer}/{model.path.name}")) from error
    seconds = time.monotonic() - began
    versions.set(model.name, version, rows, seconds)
    return Built(model.name, version, True, rows, seconds)


def make(model: Model, warehouse: Warehouse, **said: Any) -> int:
    """Make the table or view of a model, whatever it held before, with the comments given; return how many rows."""
    if model.compute is None:
        return warehouse.create(model.name, model.sql, kind=model.kind, **said)
    table = model.compute(warehouse.arrow)
    with warehouse.given(table) as given:
        typed = ", ".join(f"cast({name} as {kind}) as {name}" for name, kind in model.column_types.items())
        return warehouse.create(model.name, f"select {typed} from {given}", **said)


def write_input(name: str, table: pa.Table, meaning: str, warehouse: Warehouse, versions: Versions) -> bool:
    """Write a table that comes from settings, not from SQL, unless it holds the same; tell whether it changed."""
    digest = hashlib.sha256()
    digest.update(str(table.schema).encode())
    for row in table.to_pylist():
        digest.update(repr(row).encode())
    version = digest.hexdigest()[:16]
    if versions.is_current(name, version):
        return False
    warehouse.write(name, table)
    warehouse.execute(f"comment on table {qualified(name)} is {literal(meaning)}")
    versions.set(name, version, table.num_rows, 0.0)
    return True


def check_all(
    models: Mapping[str, Model], warehouse: Warehouse, order: Callable[[Mapping[str, Model]], list[Model]]
) -> None:
    """Build every model, whatever its inputs hold: on empty inputs this is a type check of all SQL.

    Raises:
        ModelError: with the problems of all models that do not run.
    """
    problems = []
    failed: set[str] = set()
    for model in order(models):
        if failed & model.inputs:
            failed.add(model.name)
            continue
        try:
            make(model, warehouse)
        except WarehouseError as error:
            failed.add(model.name)
            problems.append(Problem(error.problems[0].what.splitlines()[0], f"{model.layer}/{model.path.name}"))
    if problems:
        raise ModelError(*problems)


def failing_rows(audit: Audit, warehouse: Warehouse, most: int = MOST) -> tuple[int, list[dict[str, object]]]:
    """Return how many rows break a promise, and the first of them."""
    count = warehouse.value(f"select count(*) from (\n{audit.sql}\n)")
    return count, warehouse.records(f"select * from (\n{audit.sql}\n) order by all limit {most}") if count else []
