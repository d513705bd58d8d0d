"""Assets from raw files to validated rows: one per connector, one per shape and layer."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from typing import Any

import dagster as dg

from assets.keys import REJECTED, RULES, SETTINGS
from assets.resources import NightResource
from pipeline.contracts import contracts
from pipeline.ingest.spec import ConnectorSpec
from pipeline.night import Night

#: Failures of the machine that a second try may not meet again.
_TRANSIENT = {errno.EAGAIN, errno.EBUSY, errno.EINTR, errno.ESTALE, errno.ETIMEDOUT}


def retried(step: Callable[[], Any]) -> Any:
    """Run a step; ask for another try when the failure was the machine's and may pass."""
    try:
        return step()
    except OSError as error:
        if error.errno in _TRANSIENT:
            raise dg.RetryRequested(max_retries=2, seconds_to_wait=30) from error
        raise


def prepared(night: Night) -> Night:
    """Return the night with its rules written, whichever of its steps runs first."""
    if not night.warehouse.exists("config.interactions"):
        night.configure()
    return night


@dg.asset(
    key=RULES, group_name="config", description="The rules of journeys.yaml and the shipped ones, as config tables."
)
def rules(journeys: NightResource) -> dg.MaterializeResult:
    """Write the config tables."""
    journeys.night.configure()
    tables = journeys.night.warehouse.tables("config")
    return dg.MaterializeResult(metadata={"tables": len(tables)})


def connector_asset(spec: ConnectorSpec) -> dg.AssetsDefinition:
    """Return the asset that reads one system's files into the staged cache."""

    @dg.asset(
        key=["raw", spec.system],
        group_name="raw",
        deps=[RULES],
        description=f"Files exported from {spec.title}, staged as Parquet.",
        metadata={
            "exports": dg.MetadataValue.md("\n".join(f"- **{name}**: {e.title}" for name, e in spec.exports.items()))
        },
    )
    def staged(journeys: NightResource) -> dg.MaterializeResult:
        night = prepared(journeys.night)
        retried(lambda: night.stage(spec.system))
        return dg.MaterializeResult(metadata=_file_metadata(night, spec.system))

    return staged


def _file_metadata(night: Night, system: str) -> dict[str, Any]:
    verdicts = [v for v in night.intake.verdicts.values() if v.system == system]
    lines = ["| file | export | rows | verdict |", "|---|---|---|---|"]
    for v in verdicts[:100]:
        rows = f"{v.staged.rows_read:,}" if v.staged else ""
        lines.append(f"| {_cell(v.name)} | {v.export} | {rows} | {v.status.replace('_', ' ')} {_cell(v.problem)} |")
    seconds = sum(v.seconds for v in verdicts)
    rows_read = sum(v.staged.rows_read for v in verdicts if v.staged)
    return {
        "files": len(verdicts),
        "dagster/row_count": rows_read,
        "from_cache": sum(1 for v in verdicts if v.was_cached),
        "seconds": round(seconds, 2),
        "verdicts": dg.MetadataValue.md("\n".join(lines)),
    }


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")


def shape_assets(specs: dict[str, ConnectorSpec]) -> dg.AssetsDefinition:
    """Return the assets of `staged.<shape>`, the union of all connectors."""
    sources = [dg.AssetKey(["raw", system]) for system in specs]
    specs_of = [
        dg.AssetSpec(key=["staged", shape], group_name="staged", deps=[RULES, *sources], description=contract.row)
        for shape, contract in contracts().items()
    ]

    @dg.multi_asset(specs=specs_of, name="shape")
    def shape(journeys: NightResource) -> Iterator[dg.MaterializeResult]:
        night = prepared(journeys.night)
        night.define_raw()
        night.shape()
        for name in contracts():
            count = night.warehouse.value(f"select count(*) from staged.{name}")
            yield dg.MaterializeResult(asset_key=["staged", name], metadata={"dagster/row_count": count})

    return shape


def validated_assets() -> dg.AssetsDefinition:
    """Return the assets of the rows that are used and of those that are not."""
    sources = [dg.AssetKey(["staged", shape]) for shape in contracts()]
    specs_of = [
        dg.AssetSpec(
            key=["validated", shape],
            group_name="validated",
            deps=sources,
            description=f"{contract.row} Without rejected and superseded lines.",
        )
        for shape, contract in contracts().items()
    ]
    specs_of.append(
        dg.AssetSpec(
            key=REJECTED, group_name="validated", deps=sources, description="Every line that is not used, and why."
        )
    )

    @dg.multi_asset(specs=specs_of, name="quarantine")
    def quarantine(journeys: NightResource) -> Iterator[dg.MaterializeResult]:
        night = prepared(journeys.night)
        if not night.warehouse.tables("staged"):
            night.define_raw()
            night.shape()
        night.quarantine()
        for name in contracts():
            count = night.warehouse.value(f"select count(*) from validated.{name}")
            yield dg.MaterializeResult(asset_key=["validated", name], metadata={"dagster/row_count": count})
        rejected = night.warehouse.value("select count(*) from ops.rejected_rows")
        yield dg.MaterializeResult(asset_key=REJECTED, metadata={"dagster/row_count": rejected})

    return quarantine


@dg.asset(
    key=SETTINGS,
    group_name="config",
    deps=[dg.AssetKey(["validated", shape]) for shape in ("events", "orders")],
    description="The settings that models read, with the time the data is looked at from.",
)
def settings(journeys: NightResource) -> dg.MaterializeResult:
    """Write config.settings."""
    as_of = journeys.night.settle()
    return dg.MaterializeResult(metadata={"as_of": f"{as_of:%Y-%m-%d %H:%M:%S} UTC"})
