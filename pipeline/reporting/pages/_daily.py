"""The overview's days: visits, orders and revenue of the last weeks."""

from __future__ import annotations

from pipeline.reporting import text
from pipeline.reporting.charts import days as daily
from pipeline.reporting.facts import Facts, Numbers
from pipeline.reporting.numbers.overview import MOST_DAYS, daily_numbers
from pipeline.reporting.page import Figure
from pipeline.reporting.sheet import Sheet
from pipeline.reporting.tables import Column, Table
from pipeline.warehouse import Warehouse


def draw_daily(numbers: Numbers, facts: Facts) -> Sheet:
    """Draw visits, orders and revenue by day."""

    def values(key: str) -> tuple[float, ...]:
        return tuple(float(row[key]) for row in numbers)

    return daily.days(
        numbers[0]["day"],
        (
            daily.Panel("Visits", values("visits"), "start", lambda n: text.plural(round(n), "visit")),
            daily.Panel("Orders", values("orders"), "converted", lambda n: text.plural(round(n), "order")),
            daily.Panel(f"Revenue, {facts.currency}", values("revenue"), "accent", facts.money),
        ),
        closed=sum(not row["is_provisional"] for row in numbers),
    )


def figure(warehouse: Warehouse, facts: Facts) -> Figure:
    """Return the last days."""
    numbers = daily_numbers(warehouse)
    orders, visits = (sum(row[key] for row in numbers) for key in ("orders", "visits"))
    columns = (
        Column("day", "Day", "day"),
        Column("visits", "Visits", "count"),
        Column("orders", "Orders", "count"),
        Column("revenue", f"Revenue, {facts.currency}", "money"),
        Column("is_provisional", "May still change", "flag"),
    )
    return Figure(
        "daily",
        "Day by day",
        numbers,
        draw_daily,
        facts.define(
            f"Visits, paid orders and their revenue net of refunds on each of the last {MOST_DAYS} whole days.",
            [(orders, "order", "orders"), (visits, "visit", "visits")],
            money=True,
            visits=True,
            since=numbers[0]["day"] if numbers else None,
        ),
        Table("daily", "Day by day", columns, numbers, shown=14, source="marts.daily_totals"),
        reading="The line is the mean of a day and the six before it; days that may still change are left out of it.",
        empty="No day has visits or orders yet.",
        is_wide=True,
    )
