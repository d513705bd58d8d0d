"""The registry: which customer each identifier leads to, kept from night to night so that numbers stay the same."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from pipeline.warehouse import Warehouse, literal

REGISTRY = "identity.registry"
FILE_NAME = "identity_registry.parquet"
SCHEMA = pa.schema(
    [
        ("kind", pa.string()), ("value", pa.string()), ("customer_id", pa.int64()), ("last_customer_id", pa.int64()),
        ("customer_id_before", pa.int64()), ("moved_at", pa.timestamp("us")),
    ]
)  # fmt: skip
#: Columns that registries of the first version lack.
_ADDED = {"last_customer_id": "bigint", "customer_id_before": "bigint", "moved_at": "timestamp"}


def read_registry(warehouse: Warehouse, folder: Path) -> None:
    """Make `identity.registry` of what the last published night wrote into `folder`, if there was one."""
    path = folder / FILE_NAME
    if path.exists():
        kept = f"select * from read_parquet({literal(str(path))})"
        there = {name for name, _ in warehouse.describe(kept)}
        added = [f"null::{kind} as {name}" for name, kind in _ADDED.items() if name not in there]
        warehouse.create(REGISTRY, f"select {', '.join(['*', *added])} from ({kept})")
    elif not warehouse.exists(REGISTRY) or len(warehouse.describe(f"select * from {REGISTRY}")) < len(SCHEMA):
        warehouse.write(REGISTRY, SCHEMA.empty_table())


def write_registry(warehouse: Warehouse, folder: Path) -> Path:
    """Write every identifier's customer number for the nights to come, beside the registry in force.

    An identifier keeps the number it was first given, so that people joined by mistake come apart under their old
    numbers; it takes the new one only when a split left its group without any. Beside it stand the number it leads to
    now and the one before that, so that later nights can say who was merged and who was split.
    """
    path = folder / "identity_registry.new"
    warehouse.to_parquet(
        """select kind, value,
            case when registry.customer_id is null then identifiers.customer_id
                 when identifiers.customer_id in (select customer_id from identity.registry) then registry.customer_id
                 else identifiers.customer_id end as customer_id,
            coalesce(identifiers.customer_id, registry.last_customer_id) as last_customer_id,
            coalesce(moves.customer_id_before, registry.customer_id_before) as customer_id_before,
            coalesce(moves.moved_at, registry.moved_at) as moved_at
        from identity.identifiers as identifiers
        full join identity.registry as registry using (kind, value)
        left join identity.identifier_moves as moves using (kind, value)
        where coalesce(registry.customer_id, identifiers.customer_id) is not null
        order by kind, value""",
        path,
    )
    path.chmod(0o600)
    return path
