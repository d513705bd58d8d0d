"""The overview's revenue: by month, and what an order is worth, each with how far chance may have moved it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from pipeline.reporting import text
from pipeline.reporting.charts import columns as upright
from pipeline.reporting.facts import NOT_ORDERS, SUMS, Facts, Numbers
from pipeline.reporting.numbers.overview import revenue_numbers, values_numbers
from pipeline.reporting.page import Figure
from pipeline.reporting.sheet import Sheet
from pipeline.reporting.tables import Column, Table
from pipeline.warehouse import Warehouse

MONTH = Column("month", "Month", "month")
_CHANCE = (
    "Revenue is what was booked. The line over a bar is its range of chance: where it might have come out had other "
    "buyers of the same kind come. Months whose ranges overlap widely may not differ."
)
_VALUES = "marts.order_values"
_WORTH = (
    Column("revenue_low", "Range of chance", "range", low="revenue_low", high="revenue_high", n="count_buyers"),
    Column("mean_order", "Mean order", "mean", low="mean_order_low", high="mean_order_high", n="count_buyers"),
)
_RANGE = "The range of chance is where revenue might have come out had other buyers of the same kind come."


def draw_revenue(numbers: Numbers, facts: Facts) -> Sheet:
    """Draw revenue by month."""
    bars = []
    for row in numbers:
        bar, ends = column(row, facts, ((row["revenue"], "accent"),), facts.money(row["revenue"])), None
        if text.enough(row["count_buyers"], facts.guard_n):
            ends = (float(row["revenue_low"]), float(row["revenue_high"]))
        bars.append(replace(bar, ends=ends))
    return upright.columns(bars)


def column(row: dict[str, Any], facts: Facts, parts: Any, tip: str, shown: Any = None) -> upright.Column:
    """Return the bar of a month, marked when the data covers only a part of it."""
    month = row["month"]
    label = text.month(month)
    sizes = tuple((float(value), fill) for value, fill in parts)
    written = text.count(shown if shown is not None else parts[0][0])
    note = facts.month_note(month)
    written_tip = f"{label}: {tip}{f' ({note})' if note else ''}"
    return upright.Column(label, sizes, written, written_tip, note, facts.is_provisional(month))


def figure(warehouse: Warehouse, facts: Facts, total: dict[str, Any]) -> Figure:
    """Return revenue by month."""
    numbers = revenue_numbers(warehouse)
    return Figure(
        "revenue",
        f"Revenue by month, {facts.currency}",
        numbers,
        draw_revenue,
        facts.define(
            f"{_revenue_words(facts)}, in the month of the order.",
            total["orders"],
            "order",
            money=True,
            since=since(numbers, facts),
            interval=SUMS,
            without=NOT_ORDERS,
        ),
        Table(
            "revenue",
            "Revenue by month",
            (
                MONTH,
                Column("revenue", f"Revenue, {facts.currency}", "money"),
                Column("orders", "Orders", "count"),
                *_WORTH,
            ),
            numbers,
            source=_VALUES,
        ),
        reading=_CHANCE,
        empty="No orders yet.",
    )


def by_sale_channel(warehouse: Warehouse, facts: Facts) -> Table:
    """Return what orders are worth by where the sale was made."""
    rows = values_numbers(warehouse)
    columns = (
        Column("sale_channel", "Sale channel"),
        Column("count_orders", "Orders", "count"),
        Column("count_buyers", "Buyers", "count"),
        Column("revenue", f"Revenue, {facts.currency}", "money"),
        *_WORTH,
    )
    return Table(
        "order-values",
        "What an order is worth",
        columns,
        rows,
        apart=lambda row: bool(row["is_all"]),
        source=_VALUES,
        definition=facts.define(
            f"{_revenue_words(facts)}, by where the sale was made. {_RANGE}",
            rows[-1]["count_buyers"] if rows else 0, "buyer", money=True, interval=SUMS, without=NOT_ORDERS,
        ),
    )  # fmt: skip


def since(numbers: Numbers, facts: Facts) -> date | None:
    """Return the first day of what is drawn by month."""
    return max(filter(None, (numbers[0]["month"], facts.period_from))) if numbers else None


def _revenue_words(facts: Facts) -> str:
    with_tax, with_shipping = (
        facts.settings.get("revenue_includes_tax"),
        facts.settings.get("revenue_includes_shipping"),
    )
    parts = ["with tax" if with_tax else "without tax", "with shipping" if with_shipping else "without shipping"]
    return f"Revenue of paid orders after discount and refunds, {' and '.join(parts)}"
