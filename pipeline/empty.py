"""The whole warehouse on empty, typed inputs: what the type check of all SQL and the cases of the models stand on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from pipeline.build import check_all
from pipeline.catalog import in_order, read_models
from pipeline.config import Settings
from pipeline.config.overrides import SCHEMA as OVERRIDES
from pipeline.config.row import settings_row
from pipeline.config.tables import config_tables, typed
from pipeline.contracts import contracts
from pipeline.funnels import define_conditions
from pipeline.ingest.spec import ConnectorSpec, read_specs
from pipeline.registry import SCHEMA as REGISTRY_SCHEMA
from pipeline.shape import connector_queries, define_functions, raw_select, staged_select
from pipeline.validate import quarantine
from pipeline.validate.expectations import RESULTS
from pipeline.warehouse import Warehouse

AS_OF = datetime(2026, 10, 31, 23, 59, 59)


def write_inputs(warehouse: Warehouse, settings: Settings, specs: Mapping[str, ConnectorSpec]) -> None:
    """Write the config tables, and every raw, staged and validated relation without rows."""
    define_functions(warehouse)
    define_conditions(warehouse, settings.funnels)
    names = {system: spec.event_names for system, spec in specs.items()}
    for name, table in config_tables(settings, Path(), names).items():
        warehouse.write(f"config.{name}", table)
    warehouse.write("config.settings", settings_row(settings, AS_OF))
    warehouse.write("config.clock", typed("clock", [{"latest_plausible_at": datetime(2027, 1, 1)}]))
    warehouse.write("identity.registry", REGISTRY_SCHEMA.empty_table())
    warehouse.write("identity.given_overrides", OVERRIDES.empty_table())
    quarantine.write_files(warehouse, [])
    for spec in specs.values():
        for name, export in spec.exports.items():
            if not export.advice:
                warehouse.create(spec.raw_name(name), raw_select(export, []), kind="view")
    queries = [query for spec in specs.values() for query in connector_queries(spec)]
    for shape, contract in contracts().items():
        mine = [query for query in queries if query.shape == shape]
        warehouse.create(f"staged.{shape}", staged_select(contract, mine, warehouse), kind="view")
    warehouse.create("validated.rejects", quarantine.NO_REJECTS)
    warehouse.create("validated.dropped_lines", "select file_id, line_number from validated.rejects")
    for contract in contracts().values():
        quarantine.define_validated(warehouse, contract)
    quarantine.find_superseded(warehouse, specs, [])
    quarantine.count_lines(warehouse, specs, [])
    quarantine.write_rejected_rows(warehouse, specs, [])
    warehouse.write("ops.validation_results", RESULTS.empty_table())


@contextmanager
def empty_warehouse(settings: Settings | None = None) -> Iterator[Warehouse]:
    """Open a warehouse in memory with every table in place and no rows of data.

    Raises:
        ModelError: with every model whose SQL does not run.
    """
    with Warehouse.open(threads=1) as warehouse:
        write_inputs(warehouse, settings or Settings(), read_specs())
        check_all(read_models(), warehouse, in_order)
        yield warehouse
