"""One asset per model; the graph is read out of the SQL."""

from __future__ import annotations

from typing import Any

import dagster as dg

from assets.ingest import prepared, retried
from assets.keys import deps
from assets.resources import NightResource
from pipeline.catalog import Model
from pipeline.night import Night

_SAMPLE_ROWS = 5

#: What the interface must not show of rows: the identity layer, and columns that may name a person.
PERSONAL_LAYER = "identity"
PERSONAL = {
    "email", "phone", "first_name", "last_name", "user_id", "loyalty_id", "company", "postcode", "text", "detail",
    "page_url", "referrer", "order_name", "session_key",
}  # fmt: skip


def model_asset(model: Model) -> dg.AssetsDefinition:
    """Return the asset that builds one model when it or its inputs changed."""
    columns = [dg.TableColumn(name=column.name, description=column.meaning) for column in model.columns]

    @dg.asset(
        key=[model.layer, model.table],
        group_name=model.layer,
        deps=deps(sorted(model.inputs)),
        description=f"{model.description}\n\nGrain: {', '.join(model.grain)}",
        metadata={"dagster/column_schema": dg.TableSchema(columns=columns)},
        code_version=model.token_hash,
        kinds={"duckdb", "sql" if model.compute is None else "python"},
    )
    def built(journeys: NightResource) -> dg.MaterializeResult:
        night = prepared(journeys.night)
        result = retried(lambda: night.build(model.name))
        return dg.MaterializeResult(
            metadata={
                "dagster/row_count": result.rows,
                "seconds": round(result.seconds, 3),
                "rebuilt": result.is_new,
                "version": result.version,
                **_sample(night, model),
            }
        )

    return built


def _sample(night: Night, model: Model) -> dict[str, Any]:
    if model.layer == PERSONAL_LAYER:
        return {}
    shown = [column.name for column in model.columns if column.name not in PERSONAL][:12]
    rows = night.warehouse.records(f"select {', '.join(shown)} from {model.name} limit {_SAMPLE_ROWS}")
    if not rows:
        return {}
    lines = ["| " + " | ".join(shown) + " |", "|" + "---|" * len(shown)]
    lines += [
        "| " + " | ".join(str(row[name])[:60].replace("|", "\\|").replace("<", "&lt;") for name in shown) + " |"
        for row in rows
    ]
    return {"sample": dg.MetadataValue.md("\n".join(lines))}
