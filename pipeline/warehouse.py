"""The one door to DuckDB: opening, settings, writing tables and reading results."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import duckdb
import pyarrow as pa

from pipeline.errors import JourneysError, Problem

#: Layers of the private database, and of the twin file whose copy is what readers get.
PRIVATE = ("raw", "staged", "validated", "identity", "private")
PUBLISHED = ("config", "core", "marts", "ops")

_TWIN = "pub"

#: How DuckDB is opened, beside what the settings say.
OPTIONS: dict[str, Any] = {"preserve_insertion_order": False, "autoinstall_known_extensions": False}

#: DuckDB 2.0.0 fails to fold `case when a is not null then 'x' end = 'y'` when statistics say that all of `a` is null.
_FOLDING_FAULT = "did not return a BoundFunctionExpression"
_FOLDING = "statistics_propagation"
#: DuckDB's words when a view stands where a table is to be made, or the other way round.
_OTHER_KIND = "trying to replace with type"

_Answer = TypeVar("_Answer")


class WarehouseError(JourneysError):
    """DuckDB refused a statement of ours."""

    heading = "The database refused a statement"


def quoted(name: str) -> str:
    """Quote one identifier for SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Quote one text for SQL."""
    return "'" + text.replace("'", "''") + "'"


def json_object(pairs: str) -> str:
    """Return SQL for the JSON object of the pairs that have a value; null when none has."""
    kept = f"list_filter({pairs}, lambda e: e.v is not null)"
    return f"case when len({kept}) > 0 then to_json(map_from_entries({kept}))::varchar end"


def qualified(name: str) -> str:
    """Return `schema.table` quoted, with the catalog of the twin file where the schema lives there."""
    schema, table = name.split(".", 1)
    prefix = f"{_TWIN}." if schema in PUBLISHED else ""
    return f"{prefix}{quoted(schema)}.{quoted(table)}"


def _comments(name: str, kind: str, meaning: str, columns: Mapping[str, str]) -> list[str]:
    target = qualified(name)
    said = [f"comment on {kind} {target} is {literal(meaning)}"]
    return said + [
        f"comment on column {target}.{quoted(column)} is {literal(text)}" for column, text in columns.items()
    ]


class Warehouse:
    """A DuckDB connection with our layers in place.

    `work.duckdb` holds what is private; a second attached file holds the layers that are published, so that
    publishing is a file copy and a rename (decision 0002).
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, folder: Path | None) -> None:
        self._connection = connection
        self.folder = folder

    @classmethod
    @contextmanager
    def open(
        cls,
        folder: Path | None = None,
        *,
        threads: int | None = None,
        memory_limit: str | None = None,
        storage_version: str = "v1.5.0",
        staged: Path | None = None,
        spill: Path | None = None,
    ) -> Iterator[Warehouse]:
        """Open the private database in `folder`, or one in memory, and close it afterwards.

        Args:
            folder: Where work.duckdb and next.duckdb lie; None keeps everything in memory.
            threads: Threads DuckDB may use.
            memory_limit: Memory DuckDB may use before it spills.
            storage_version: Storage version of the file that will be published.
            staged: Folder of the staged Parquet files. SQL may use it and `folder`, nothing else.
            spill: Folder for what does not fit into memory; default: tmp in `folder`.
        """
        options = dict(OPTIONS)
        if threads:
            options["threads"] = threads
        if memory_limit:
            options["memory_limit"] = memory_limit.replace(" ", "")
        spill = spill or (folder / "tmp" if folder else None)
        if spill is not None:
            spill.mkdir(parents=True, exist_ok=True)
            options["temp_directory"] = str(spill)
        previous = os.umask(0o077)
        try:
            connection = duckdb.connect(str(folder / "work.duckdb") if folder else ":memory:", config=options)
            try:
                yield cls._prepared(connection, folder, storage_version, staged)
            finally:
                connection.close()
        finally:
            os.umask(previous)

    @classmethod
    def _prepared(
        cls, connection: duckdb.DuckDBPyConnection, folder: Path | None, storage_version: str, staged: Path | None
    ) -> Warehouse:
        connection.execute("set TimeZone = 'UTC'")
        # Else a guess of few rows, which a filter on a window or an aggregate soon brings, makes these joins quadratic.
        connection.execute("set asof_loop_join_threshold = 0")
        twin = literal(str(folder / "next.duckdb")) if folder else "':memory:'"
        version = f" (storage_version {literal(storage_version)})" if folder else ""
        connection.execute(f"attach {twin} as {_TWIN}{version}")
        for schema in PRIVATE:
            connection.execute(f"create schema if not exists {schema}")
        for schema in PUBLISHED:
            connection.execute(f"create schema if not exists {_TWIN}.{schema}")
        own = connection.execute("select current_database()").fetchone()
        assert own is not None
        # DuckDB's own functions stand second, else each call of one is looked up in all our schemas first.
        paths = [f"{own[0]}.main", "system.main", f"{own[0]}.private", *(f"{_TWIN}.{schema}" for schema in PUBLISHED)]
        connection.execute(f"set search_path = {literal(','.join(paths))}")
        folders = [str(path) for path in (folder, staged) if path is not None]
        connection.execute(f"set allowed_directories = [{', '.join(map(literal, folders))}]")
        connection.execute("set enable_external_access = false")
        return cls(connection, folder)

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """Return a second handle on the same database, for a library that wants its own."""
        cursor = self._connection.cursor()
        path = self.value("select current_setting('search_path')")
        cursor.execute(f"set search_path = {literal(path)}")
        return cursor

    def execute(self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] | None = None) -> None:
        """Run one statement for its effect."""
        with self._worded(sql):
            self._ran(sql, parameters)

    def rows(self, sql: str, parameters: Sequence[Any] | None = None) -> list[tuple[Any, ...]]:
        """Return the rows of a small result."""
        with self._worded(sql):
            return self._ran(sql, parameters).fetchall()

    def records(self, sql: str, parameters: Sequence[Any] | None = None) -> list[dict[str, Any]]:
        """Return the rows of a small result as dictionaries."""
        with self._worded(sql):
            result = self._ran(sql, parameters)
            names = [column[0] for column in result.description or ()]
            return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    def value(self, sql: str, parameters: Sequence[Any] | None = None) -> Any:
        """Return the first cell of a result, or None."""
        found = self.rows(sql, parameters)
        return found[0][0] if found else None

    def arrow(self, sql: str, parameters: Sequence[Any] | None = None) -> pa.Table:
        """Return a result as an Arrow table."""
        with self._worded(sql):
            return self._ran(sql, parameters, lazily=True).to_arrow_table()

    def describe(self, select: str) -> list[tuple[str, str]]:
        """Return the column names and types of a SELECT without running it."""
        return [(row[0], row[1]) for row in self.rows(f"describe {select}")]

    def create(
        self, name: str, select: str, *, kind: str = "table", meaning: str = "", columns: Mapping[str, str] = {}
    ) -> int:
        """Make `schema.table` anew from a SELECT, in one step: readers see the old or the new one.

        Args:
            name: Schema and name.
            select: What it holds.
            kind: Table or view.
            meaning: What one row is; stored in the database beside it.
            columns: Meaning of its columns.

        Returns:
            How many rows a table has; 0 for a view.
        """
        statement = f"create or replace {kind} {qualified(name)} as {select}"
        said = _comments(name, kind, meaning, columns) if meaning else []
        try:
            return self._made(statement, said)
        except WarehouseError as error:
            if _OTHER_KIND not in error.problems[0].what:
                raise
            self.drop(name)
            return self._made(statement, said)

    def _made(self, statement: str, said: Sequence[str]) -> int:
        def made() -> int:
            # One transaction, because each of its own costs a write to disk.
            self._connection.execute("begin")
            counted = self._connection.execute(statement).fetchone()
            self._connection.execute("; ".join([*said, "commit"]))
            return int(counted[0]) if counted else 0

        with self._worded(statement):
            return self._tried(made)

    def write(self, name: str, table: pa.Table) -> None:
        """Make `schema.table` anew from an Arrow table."""
        with self.given(table) as view:
            self.create(name, f"select * from {view}")

    def copy_out(self, batches: pa.RecordBatchReader | pa.Table, select: str, path: Path) -> None:
        """Write `select` over Arrow data, which it names `records`, to a Parquet file."""
        with self.given(batches, "records"):
            self.to_parquet(select, path)

    def to_parquet(self, select: str, path: Path) -> None:
        """Write a SELECT to a Parquet file."""
        self.execute(f"copy ({select}) to {literal(str(path))} (format parquet, compression zstd)")

    def comment(self, name: str, kind: str, meaning: str, columns: Mapping[str, str]) -> None:
        """Store the meaning of a table and its columns in the database."""
        self.execute("; ".join(["begin", *_comments(name, kind, meaning, columns), "commit"]))

    def tables(self, schema: str) -> dict[str, str]:
        """Return the relations of a schema and their kind, table or view."""
        catalog = _TWIN if schema in PUBLISHED else "current_database()"
        where = f"database_name = {literal(catalog)}" if schema in PUBLISHED else f"database_name = {catalog}"
        found = self.rows(
            f"select table_name, 'table' from duckdb_tables() where {where} and schema_name = $1 "
            f"union all select view_name, 'view' from duckdb_views() "
            f"where {where} and schema_name = $1 and not internal",
            [schema],
        )
        return dict(sorted(found))

    def exists(self, name: str) -> bool:
        """Tell whether `schema.table` is there."""
        schema, table = name.split(".", 1)
        return table in self.tables(schema)

    def drop(self, name: str) -> None:
        """Remove a relation if it is there."""
        schema, table = name.split(".", 1)
        kind = self.tables(schema).get(table)
        if kind:
            self.execute(f"drop {kind} {qualified(name)}")

    def checkpoint(self) -> None:
        """Write everything into the files, so that a copy of them is whole."""
        self.execute(f"checkpoint {_TWIN}")
        self.execute("checkpoint")

    @contextmanager
    def closed_twin(self) -> Iterator[Path]:
        """Detach the file with the published layers for the time of a copy, and give its path."""
        assert self.folder is not None, "a database in memory has no file to publish"
        path = self.folder / "next.duckdb"
        search_path = self.value("select current_setting('search_path')")
        self.execute(f"checkpoint {_TWIN}")
        self.execute("set search_path = 'main'")
        self.execute(f"detach {_TWIN}")
        try:
            yield path
        finally:
            self.execute(f"attach {literal(str(path))} as {_TWIN}")
            self.execute(f"set search_path = {literal(search_path)}")

    @contextmanager
    def given(self, data: pa.Table | pa.RecordBatchReader, name: str = "incoming_data") -> Iterator[str]:
        """Let SQL name Arrow data for the time of the block."""
        self._connection.register(name, data)
        try:
            yield name
        finally:
            self._connection.unregister(name)

    def _ran(self, sql: str, parameters: Any = None, *, lazily: bool = False) -> Any:
        def ran() -> Any:
            # A relation hands Arrow its batches without the copy that a cursor makes.
            return self._connection.sql(sql, params=parameters) if lazily else self._connection.execute(sql, parameters)

        return self._tried(ran)

    def _tried(self, work: Callable[[], _Answer]) -> _Answer:
        """Do some work, a second time without the optimiser that fails on columns without a value."""
        try:
            return work()
        except duckdb.Error as error:
            if _FOLDING_FAULT not in str(error):
                raise
            self._undo()
        with self.without_folding():
            return work()

    def _undo(self) -> None:
        with contextlib.suppress(duckdb.Error):
            self._connection.rollback()

    @contextmanager
    def without_folding(self) -> Iterator[None]:
        """Leave out the optimiser that fails on columns without a value; slower, so only where it has to be."""
        self._connection.execute(f"set disabled_optimizers = '{_FOLDING}'")
        try:
            yield
        finally:
            self._connection.execute("reset disabled_optimizers")

    @contextmanager
    def _worded(self, sql: str) -> Iterator[None]:
        try:
            yield
        except duckdb.Error as error:
            self._undo()
            first = " ".join(sql.split())[:300]
            raise WarehouseError(Problem(str(error).strip(), received=first)) from error


class Published:
    """A published file, opened for reading with the rest of the machine out of reach."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    @classmethod
    def open(cls, path: Path) -> Published:
        """Open the file at `path`; a run that publishes meanwhile leaves this view as it is."""
        connection = duckdb.connect(str(path), read_only=True, config={"autoinstall_known_extensions": False})
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("set enable_external_access = false")
        connection.execute("set lock_configuration = true")
        return cls(connection)

    def __enter__(self) -> Published:
        return self

    def __exit__(self, *_failure: object) -> None:
        self._connection.close()

    def ask(self, query: str, parameters: Sequence[Any] | None = None) -> tuple[list[str], list[tuple[Any, ...]]]:
        """Return the column names and rows of a query.

        Raises:
            WarehouseError: the query cannot be answered.
        """
        try:
            result = self._connection.execute(query, parameters)
            return [column[0] for column in result.description or ()], result.fetchall()
        except duckdb.Error as error:
            raise WarehouseError(Problem(str(error).strip())) from error
