"""From what the files say to what is credited: every step counted, every sum tied."""

from __future__ import annotations

from typing import Any

from pipeline.reporting import text
from pipeline.reporting.charts import bars as lying
from pipeline.reporting.facts import SHARES, Facts, Numbers
from pipeline.reporting.numbers.ledger import (
    REJECTED,
    book_numbers,
    credit_numbers,
    interface_numbers,
    matched_numbers,
    pairs_numbers,
    refunds_numbers,
    rejected_numbers,
    sources_numbers,
)
from pipeline.reporting.page import Content, Figure
from pipeline.reporting.sheet import WIDE, Sheet
from pipeline.reporting.tables import Column, Table
from pipeline.warehouse import Warehouse

ORDER = 50
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
    "staff": "Own staff",
    "cancelled": "Cancelled",
    "open": "Open deals",
    "lost": "Lost deals",
    "replacement": "Replacements worth nothing",
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
    ("no sale (yet)", ("test", "staff", "cancelled", "open", "lost", "replacement"), "start", False),
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
    return Content(
        figures=(_sources(warehouse, facts), _credit(warehouse, facts)),
        tables=(
            _rejected(warehouse),
            _book(warehouse, facts),
            _refunds(warehouse, facts),
            _matched(warehouse, facts),
            _suspects(warehouse, facts),
            _merged(warehouse, facts),
            _interface(warehouse),
        ),
        values={"ask_rejected": f'journeys sql "{REJECTED}"'},
    )


def _rejected(warehouse: Warehouse) -> Table:
    columns = (
        Column("file_name", "File", "file", most=40),
        Column("line_number", "Line", "count"),
        Column("reason", "Reason", most=120),
        Column("raw_text", "What the line holds", "raw", most=160),
    )
    return Table(
        "rejected",
        "Order rows that were rejected",
        columns,
        rejected_numbers(warehouse),
        shown=10,
        source="ops.rejected_rows",
        note="They are in no sum until the file is mended. E-mail addresses and phone numbers are masked here.",
    )


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
            numbers[0]["count_booked"] if numbers else 0, "order", money=True, lookback=True, interval=SHARES,
        ),
        Table("credit", "From booked orders to credited ones", columns, numbers, source=_MART),
        reading="Each order that is not credited, with its reason: core.untracked_orders.",
        empty="No orders are booked yet.",
        is_wide=True,
    )  # fmt: skip


def _book(warehouse: Warehouse, facts: Facts) -> Table:
    rows = book_numbers(warehouse)
    money = ("ordered", "refunded", "gift_cards", "net", "refunded_then", "net_then")
    totals: dict[str, Any] = {key: sum((row[key] for row in rows), start=0) for key in ("count_orders", *money)}
    columns = (
        Column("month", "Month", "month"),
        Column("count_orders", "Orders", "count"),
        Column("ordered", "Before refunds", "money"),
        Column("refunded", "Refunds of its orders", "money"),
        *([Column("gift_cards", "Gift cards", "money")] if any(row["gift_cards"] for row in rows) else ()),
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


def _refunds(warehouse: Warehouse, facts: Facts) -> Table:
    columns = (
        Column("source_system", "System that tells them"),
        Column("reported", "Refunds", "count"),
        Column("reported_amount", f"Goods given back, {facts.currency}", "money"),
        Column("unknown", "Of unknown orders", "count"),
        Column("elsewhere", "The books tell their own", "count"),
        Column("lacking", "The books tell none", "count"),
        Column("no_purchase", "Of no purchase", "count"),
        Column("counted", "That lower revenue", "count"),
        Column("counted_amount", f"By, {facts.currency}", "money"),
    )
    return Table(
        "refunds",
        "What became of every refund",
        columns,
        refunds_numbers(warehouse),
        source=_MART,
        note="A refund counts when the system whose money stands for the order tells it; another system's word on the "
        "same order does not. Where the books tell none, their export of refunds may be missing. "
        "One by one: core.refunds.",
    )


_RULES = {1: "same number", 2: "amount, minutes and buyer", 3: "amount, day and place: suspects"}


def _matched(warehouse: Warehouse, facts: Facts) -> Table:
    rows = [row | {"rule": _RULES[row["tier"]]} for row in matched_numbers(warehouse)]
    columns = (
        Column("rule", "Found by"),
        Column("source_system", "System"),
        Column("other_source_system", "And"),
        Column("is_merged", "One order", "flag"),
        Column("count_pairs", "Pairs", "count"),
        Column("amount", f"Amount, {facts.currency}", "money"),
        Column("count_amounts_differ", "Amounts differ", "count"),
        Column("median_minutes_apart", "Minutes apart", "minutes", n="count_pairs"),
    )
    return Table(
        "matched",
        "Orders that two systems tell",
        columns,
        rows,
        apart=lambda row: not row["is_merged"],
        source="marts.matched_orders",
        note="Suspects are two orders and booked twice until a number is found that joins them. Minutes apart: the "
        "middle pair. How narrow the rules are: orders in journeys.yaml.",
    )


def _pair_columns(facts: Facts) -> tuple[Column, ...]:
    return (
        Column("ordered_at", "Placed", "moment"),
        Column("amount", f"Amount, {facts.currency}", "money"),
        Column("evidence", "Evidence", most=90),
        Column("one", "The one", most=40),
        Column("other", "The other", most=40),
        Column("one_line", "Where the one stands", "file", most=70),
        Column("other_line", "Where the other stands", "file", most=70),
    )


def _suspects(warehouse: Warehouse, facts: Facts) -> Table:
    return Table(
        "suspects",
        "Suspects: two orders that may be one",
        _pair_columns(facts),
        pairs_numbers(warehouse, is_merged=False),
        shown=12,
        source="marts.pairs_to_judge",
        note="The same amount on the same day at the same place in two systems, and nothing that tells the buyer. "
        "They are never merged; the largest are first, at most 500.",
    )


def _merged(warehouse: Warehouse, facts: Facts) -> Table:
    return Table(
        "merged",
        "Merged without a shared number",
        _pair_columns(facts),
        pairs_numbers(warehouse, is_merged=True),
        shown=12,
        source="marts.pairs_to_judge",
        note="Take two apart again by narrowing orders.minutes_apart or the amount's tolerance in journeys.yaml, or "
        "switch orders.match_by_amount off. The largest are first, at most 500.",
    )


def _interface(warehouse: Warehouse) -> Table:
    columns = (
        Column("platform", "Platform"),
        Column("object_kind", "Report by"),
        Column("starts_on", "From", "day"),
        Column("ends_on", "To", "day"),
        Column("metric", "Figure"),
        Column("reported", "Its interface says", "decimal"),
        Column("exported", "Rows exported", "decimal"),
        Column("modelled_or_untracked", "Modelled or untracked", "decimal"),
    )
    return Table(
        "interface",
        "What the interface shows and no row stands for",
        columns,
        interface_numbers(warehouse),
        source="marts.interface_gap",
        note="An interface adds visitors who refused consent, as a model estimates them; an export cannot. The "
        "difference is in no path and in no total. Users in several rows of a report are in its sum several times.",
    )
