"""Names: how tables, systems and reports are called in the asset graph."""

from __future__ import annotations

import dagster as dg

RULES = dg.AssetKey(["config", "rules"])
SETTINGS = dg.AssetKey(["config", "settings"])
BOOKS = dg.AssetKey(["ops", "books"])
REJECTED = dg.AssetKey(["ops", "rejected_rows"])
PUBLISHED = dg.AssetKey(["published", "journeys"])

#: What makes a table that no model makes.
_MADE_BY = {"config.settings": SETTINGS, "config.clock": REJECTED, "identity.given_overrides": RULES}


def table_key(name: str) -> dg.AssetKey | None:
    """Return the asset that makes `schema.table`; None for state that no asset makes."""
    schema, table = name.split(".")
    if name in _MADE_BY:
        return _MADE_BY[name]
    if schema == "config":
        return RULES
    if name == "identity.registry":
        return None
    if schema in ("ops", "private"):
        return REJECTED
    if schema == "validated" and table in ("rejects", "superseded", "dropped_lines"):
        return REJECTED
    if schema == "raw":
        return dg.AssetKey(["raw", table.split("__")[0]])
    return dg.AssetKey([schema, table])


def deps(names: list[str]) -> list[dg.AssetKey]:
    """Return the assets behind tables, each once."""
    return sorted({key for name in names if (key := table_key(name)) is not None})
