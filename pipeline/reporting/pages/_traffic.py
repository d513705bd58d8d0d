"""Tables of the tracking page about what was put right and what was left out before anything was counted."""

from __future__ import annotations

from pipeline.reporting.facts import Facts
from pipeline.reporting.numbers.tracking import click_id_numbers
from pipeline.reporting.tables import Column, Table
from pipeline.warehouse import Warehouse


def click_ids(warehouse: Warehouse, facts: Facts) -> Table:
    """Return which visits a platform's click id put right."""
    rows = click_id_numbers(warehouse)
    columns = (
        Column("click_id_kind", "Click id"),
        Column("exported_source", "Exported source", most=32),
        Column("exported_medium", "and medium", most=24),
        Column("source", "Became source", most=32),
        Column("medium", "and medium", most=24),
        Column("channel", "Counted under", "channel"),
        Column("visits", "Visits", "count"),
        Column("count_orders", "Orders they led to", "count"),
        Column("revenue", f"Their revenue, {facts.currency}", "money"),
    )
    return Table(
        "click-ids",
        "Sources that a click id put right",
        columns,
        rows,
        source="marts.click_id_repairs",
        note="Advertisements are often exported as organic, direct or without any source; the click id in the page's "
        "address tells. A campaign tag set by hand stands. click_ids in journeys.yaml changes the list.",
        definition=facts.define(
            "Visits whose address carries a click id and whose exported source says nothing else.",
            sum(row["visits"] for row in rows),
            "visit",
            money=True,
        ),
    )
