"""Great Expectations on our own DuckDB connection.

Importing this module imports Great Expectations, which takes seconds; only `expectations.run` does, when there is
something to check.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar, Literal

os.environ["GX_ANALYTICS_ENABLED"] = "False"

import duckdb_engine
import great_expectations as gx
import sqlalchemy
from great_expectations.data_context.types.base import ProgressBarsConfig
from great_expectations.datasource.fluent import SQLDatasource
from great_expectations.execution_engine import SqlAlchemyExecutionEngine

from pipeline.warehouse import Warehouse


class _Untransacted(duckdb_engine.ConnectionWrapper):
    """Opens no transaction, for checks only read: a query that fails aborts no other, and none is left open."""

    def begin(self) -> None:
        """Do nothing."""

    def commit(self) -> None:
        """Do nothing."""

    def rollback(self) -> None:
        """Do nothing."""


class _KeptConnectionEngine(SqlAlchemyExecutionEngine):
    """Keeps one connection open: DuckDB's results are lost when the connection closes before they are fetched."""

    _connection: Any

    @contextmanager
    def get_connection(self) -> Iterator[Any]:
        if not self._connection:
            self._connection = self.engine.connect()
        yield self._connection


class SharedDuckDBDatasource(SQLDatasource):
    """A SQL source whose connection is the pipeline's own."""

    type: Literal["shared_duck_db"] = "shared_duck_db"
    execution_engine_override: ClassVar = _KeptConnectionEngine


@contextmanager
def source_on(warehouse: Warehouse) -> Iterator[SharedDuckDBDatasource]:
    """Give a source on the warehouse's database that sends nothing anywhere.

    Its cursor ends with the block: no file can be detached while a cursor is open.
    """
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
    context.enable_analytics(False)
    cursor = warehouse.cursor()
    try:
        yield context.data_sources.add_shared_duck_db(
            "warehouse",
            connection_string="duckdb:///:memory:",
            create_temp_table=False,
            kwargs={
                "creator": lambda: _Untransacted(cursor),
                "poolclass": sqlalchemy.pool.StaticPool,
            },
        )
    finally:
        cursor.close()
