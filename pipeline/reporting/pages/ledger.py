"""From what the files say to what is credited: every step counted, every sum tied."""

from __future__ import annotations

from typing import Any

from pipeline.reporting import text
from pipeline.reporting.charts import bars as lying
from pipeline.reporting.facts import Facts, Numbers
from pipeline.reporting.numbers.ledger import book_numbers, credit_numbers, sources_numbers
from pipeline.reporting.page import Content, Figure
from pipeline.reporting.sheet import WIDE, Sheet
from pipeline.reporting.tables import Column, Table
from pipeline.warehouse import Warehouse

ORDER = 5
TITLE = "Ledger"
SUMMARY = "From what the files say to what is credited: every step counted, every sum tied."

_MART = "marts.reconciliation"
_STEPS = {
    "delivered": "Rows delivered",
    "rejected": "Rejected rows",
    "duplicate": "In an older export as well",
    "reported_again": "Reported again under the same number",
    "kept_by_another_system": "Another system has the money",
    "test": "Tests",
    "cancelled": "Cancelled",
    "open": "Open deals",
    "lost": "Lost deals",
    "part_of_an_order": "Further receipts of an order",
    "booked": "Booked orders",
    "net": "Booked, net of refunds",
    "no_touchpoint": "No touchpoint at all",
    "identity_not_linked": "Nothing leads to the buyer",
    "outside_the_look_back": "Touches too long ago",
    "data_begins_too_late": "The data begins too late",
    "credited": "Credited to touchpoints",
}
#: What a system's rows became, in the order of the bars.
_FATES = (
    ("booked", ("booked", "part_of_an_order"), "accent", False),
    ("another system has the money", ("kept_by_another_system",), "open", True),
    ("delivered twice", ("duplicate", "reported_again"), "faint", False),
    ("no sale (yet)", ("test", "cancelled", "open", "lost"), "start", False),
    ("rejected", ("rejected",), "lost", False),
)


def headline(warehouse: Warehouse, facts: Facts) -> str:
    """Say how much of what was booked is credited."""
    steps = {row["step"]: row for row in credit_numbers(warehouse)}
    if "net" not in steps:
        return "No orders are booked yet."
    booked, credited = steps["net"], steps.get("credited")
    count = credited["count_orders"] if credited else 0
    amount = credited["amount"] if credited else 0
    return (
        f"{text.count(count)} of {text.plural(booked['count_orders'], 'booked order')} and {facts.tile_money(amount)} "
        f"of {facts.tile_money(booked['amount'])} are credited to touchpoints; why the rest is not stands here."
    )


def draw_credit(numbers: Numbers, facts: Facts) -> Sheet:
    """Draw how booked orders become credited ones, step by step."""
    rows = []
    left = {"count_orders": 0.0, "amount": 0.0}
    for row in numbers:
        is_end = row["is_total"] or row["step"] == "net"
        bars = []
        for key in left:
            size = float(row[key])
            left[key] = size if is_end else left[key] - size
            begin = 0.0 if is_end else left[key]
            written = text.count(row[key])
            says = facts.money(row[key]) if key == "amount" else text.plural(row[key], "order")
            fill = "accent" if is_end else "lost"
            bars.append(lying.Bar(((size, fill, False),), written, says, begin))
        rows.append(lying.Row(_STEPS[row["step"]], tuple(bars), is_apart=row["step"] == "credited"))
    return lying.bars(rows, ["Orders", f"Revenue, {facts.currency}"], width=WIDE, row_height=30, label_width=220)


def draw_sources(numbers: Numbers, facts: Facts) -> Sheet:
    """Draw what became of each system's order rows."""
    rows = []
    for system in dict.fromkeys(row["source_system"] for row in numbers):
        mine = {row["step"]: row["count_rows"] for row in numbers if row["source_system"] == system}
        further = mine.get("part_of_an_order", 0)
        sizes = [
            (label, sum(mine.get(step, 0) for step in steps), fill, hatched) for label, steps, fill, hatched in _FATES
        ]
        tip = f"{system}: " + ", ".join(f"{text.count(size)} {label}" for label, size, _, _ in sizes if size)
        if further:
            tip += f" ({text.count(further)} of them further receipts)"
        written = text.plural(mine.get("delivered", sum(size for _, size, _, _ in sizes)), "row")
        rows.append(
            lying.Row(system, (lying.Bar(tuple((float(n), fill, h) for _, n, fill, h in sizes), written, tip),))
        )
    legend = [(label, fill, hatched) for label, _, fill, hatched in _FATES]
    return lying.bars(rows, ["Order rows delivered"], width=WIDE, legend=legend, row_height=36)


def content(warehouse: Warehouse, facts: Facts) -> Content:
    """Return the page."""
    return Content(figures=(_sources(warehouse, facts), _credit(warehouse, facts)), tables=(_book(warehouse, facts),))


def _sources(warehouse: Warehouse, facts: Facts) -> Figure:
    numbers = sources_numbers(warehouse)
    delivered = sum(row["count_rows"] for row in numbers if row["step"] == "delivered")
    columns = (
        Column("source_system", "System"),
        Column("step", "Step", "words"),
        Column("count_rows", "Rows", "count"),
        Column("amount", f"Amount, {facts.currency}", "money"),
    )
    return Figure(
        "sources",
        "What became of every order row",
        numbers,
        draw_sources,
        facts.define(
            "Order rows of all exports; amounts after discount, before refunds. Rows delivered, less the steps below "
            "them, are the orders the system's money stands for.",
            delivered, "order row", money=True,
        ),
        Table("sources", "From rows delivered to orders booked", columns, numbers, shown=40, source=_MART),
        reading="Every row with its file and line: core.order_rows.",
        empty="No file holds orders yet.",
        is_wide=True,
    )  # fmt: skip


def _credit(warehouse: Warehouse, facts: Facts) -> Figure:
    numbers = credit_numbers(warehouse)
    columns = (
        Column("step", "Step", "words"),
        Column("count_orders", "Orders", "count"),
        Column("amount", f"Revenue, {facts.currency}", "money"),
        Column(
            "orders_share",
            "Of booked orders",
            "rate",
            low="orders_share_low",
            high="orders_share_high",
            n="count_booked",
        ),
    )
    return Figure(
        "credit",
        "From booked orders to credited ones",
        numbers,
        draw_credit,
        facts.define(
            "Booked orders, net of refunds, less those that no touchpoint led to, by the reason. "
            "Every model credits the same orders.",
            numbers[0]["count_booked"] if numbers else 0, "order", money=True, lookback=True,
        ),
        Table("credit", "From booked orders to credited ones", columns, numbers, source=_MART),
        reading="Each order that is not credited, with its reason: core.untracked_orders.",
        empty="No orders are booked yet.",
        is_wide=True,
    )  # fmt: skip


def _book(warehouse: Warehouse, facts: Facts) -> Table:
    rows = book_numbers(warehouse)
    money = ("ordered", "refunded", "net", "refunded_then", "net_then")
    totals: dict[str, Any] = {key: sum((row[key] for row in rows), start=0) for key in ("count_orders", *money)}
    columns = (
        Column("month", "Month", "month"),
        Column("count_orders", "Orders", "count"),
        Column("ordered", "Before refunds", "money"),
        Column("refunded", "Refunds of its orders", "money"),
        Column("net", "Net by order date", "money"),
        Column("refunded_then", "Refunds made in it", "money"),
        Column("net_then", "Net by refund date", "money"),
    )
    return Table(
        "book",
        f"The order book, {facts.currency}",
        columns,
        rows,
        totals={"month": "All", **totals} if rows else None,
        source=_MART,
        note="A refund lowers the month of its order in the one reading, and the month it was made in the other.",
        definition=facts.define("Paid orders of all systems, each once.", totals["count_orders"], "order", money=True),
    )
