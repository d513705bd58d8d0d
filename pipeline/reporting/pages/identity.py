"""Who is who: how many people there are, what was not taken for one person, and how much hangs on it."""

from __future__ import annotations

from typing import Any

from pipeline.reporting import channels, text
from pipeline.reporting.charts import bars as lying
from pipeline.reporting.charts import marks as marked
from pipeline.reporting.facts import SHARES, Facts, Numbers
from pipeline.reporting.numbers.identity import (
    customers_numbers,
    finding_numbers,
    household_numbers,
    people_numbers,
    refused_numbers,
    sensitivity_numbers,
    sizes_numbers,
)
from pipeline.reporting.page import Content, Figure
from pipeline.reporting.sheet import WIDE, Sheet
from pipeline.reporting.tables import Column, Table
from pipeline.warehouse import Warehouse

ORDER = 70
TITLE = "Who is who"
SUMMARY = "How many people there are, what was not taken for one person, and how much hangs on it."

_HEALTH, _FINDINGS = "marts.identity_health", "marts.identity_findings"
_READINGS = {
    "strict": marked.Kind("Strict", "open", "square"),
    "default": marked.Kind("As published", "accent", "circle", True),
    "loose": marked.Kind("Loose", "warn", "up"),
}
_FILLS = {"known": "accent", "guest": "open", "anonymous": "faint"}
_SHARE = Column(
    "customers_share", "Share", "rate", low="customers_share_low", high="customers_share_high", n="count_all"
)


def headline(warehouse: Warehouse, facts: Facts) -> str:
    """Say how many customers are known, and the most that another reading moves between channels."""
    kinds = {row["kind"]: row for row in customers_numbers(warehouse)}
    if not kinds:
        return "Nobody was seen yet."
    all_of_them = max(row["count_all"] for row in kinds.values())
    known = kinds["known"]["count_customers"] if "known" in kinds else 0
    sums: dict[str, dict[str, Any]] = {}
    for row in sensitivity_numbers(warehouse):
        sums.setdefault(row["linking"], {})[row["channel"]] = row["credited_revenue"]
    published = sums.pop("default", {})
    moved = max(
        (
            sum(abs(other.get(name, 0) - published.get(name, 0)) for name in {*other, *published}) / 2
            for other in sums.values()
        ),
        default=0,
    )
    return (
        f"{text.with_share(known, known / all_of_them, all_of_them, facts.guard_n, '{} ({})')} of "
        f"{text.plural(all_of_them, 'customer')} are known; another reading of who is who moves at most "
        f"{facts.tile_money(moved)} between channels."
    )


def draw_customers(numbers: Numbers, facts: Facts) -> Sheet:
    """Draw the kinds of customers."""
    return lying.bars(
        [_bar(text.words(row["kind"]), _FILLS.get(row["kind"], "accent"), row, facts) for row in numbers], ["Customers"]
    )


def draw_sizes(numbers: Numbers, facts: Facts) -> Sheet:
    """Draw how many identifiers customers have."""
    return lying.bars([_bar(row["identifiers"], "accent", row, facts) for row in numbers], ["Customers"])


def _bar(label: str, fill: str, row: dict[str, Any], facts: Facts) -> lying.Row:
    written = text.with_share(row["count_customers"], row["customers_share"], row["count_all"], facts.guard_n)
    tip = f"{label}: {text.plural(row['count_customers'], 'customer')}"
    return lying.Row(label, (lying.plain(float(row["count_customers"]), fill, written, tip),))


def draw_sensitivity(numbers: Numbers, facts: Facts) -> Sheet:
    """Draw revenue by channel, one mark a reading."""
    rows: dict[str, dict[str, float]] = {}
    for row in numbers:
        rows.setdefault(row["channel"], {})[row["linking"]] = float(row["credited_revenue"])
    drawn = []
    for channel, made in rows.items():
        label = channels.label(channel)
        values = tuple(made.get(name, 0.0) for name in _READINGS)
        tips = tuple(
            f"{label}, {kind.name.lower()}: {facts.money(value)}"
            for kind, value in zip(_READINGS.values(), values, strict=True)
        )
        drawn.append(marked.Row(label, values, tips))
    return marked.marks(drawn, list(_READINGS.values()), width=WIDE)


def content(warehouse: Warehouse, facts: Facts) -> Content:
    """Return the page."""
    return Content(
        figures=(_customers(warehouse, facts), _sizes(warehouse, facts), _sensitivity(warehouse, facts)),
        tables=(
            _people(warehouse),
            _refused(warehouse),
            _households(warehouse),
            _shared(warehouse),
            _bridges(warehouse),
            _largest(warehouse),
        ),
    )


def _customers(warehouse: Warehouse, facts: Facts) -> Figure:
    numbers = customers_numbers(warehouse)
    columns = (Column("kind", "Kind", "words"), Column("count_customers", "Customers", "count"), _SHARE)
    return Figure(
        "customers",
        "Known, guests, anonymous",
        numbers,
        draw_customers,
        facts.define(
            "Known: a record, account or card. Guest: ordered or left an address without one. Anonymous: a browser.",
            numbers[0]["count_all"] if numbers else 0, "customer", interval=SHARES,
        ),
        Table("customers", "Customers by kind", columns, numbers, source=_HEALTH),
        empty="Nobody was seen yet.",
    )  # fmt: skip


def _sizes(warehouse: Warehouse, facts: Facts) -> Figure:
    numbers = sizes_numbers(warehouse)
    columns = (Column("identifiers", "Identifiers"), Column("count_customers", "Customers", "count"), _SHARE)
    return Figure(
        "sizes",
        "Identifiers that lead to one customer",
        numbers,
        draw_sizes,
        facts.define(
            "Addresses, phone numbers, accounts, cards, records and browsers of one customer; order numbers aside.",
            numbers[0]["count_all"] if numbers else 0, "customer", interval=SHARES,
        ),
        Table("sizes", "Customers by the number of their identifiers", columns, numbers, source=_HEALTH),
        reading="A customer with very many identifiers may be several people; the largest stand below.",
        empty="Nobody was seen yet.",
    )  # fmt: skip


def _sensitivity(warehouse: Warehouse, facts: Facts) -> Figure:
    numbers = sensitivity_numbers(warehouse)
    orders = sum(row["conversions"] for row in numbers if row["linking"] == "default")
    columns = (
        Column("channel", "Channel", "channel"),
        Column("linking", "Reading", "words"),
        Column("conversions", "Orders", "decimal"),
        Column("credited_revenue", f"Revenue, {facts.currency}", "money"),
    )
    return Figure(
        "sensitivity",
        f"Revenue by channel, read strictly and loosely, {facts.currency}",
        numbers,
        draw_sensitivity,
        facts.define(
            "The same touches and orders dealt out to people three times. Strict: no phone numbers, no browser of two, "
            "addresses only from records and orders. Loose: limits ten times as high, no conflict refused.",
            round(orders), "order", money=True, model=facts.model(), lookback=True,
        ),
        Table("sensitivity", "Revenue by channel and reading", columns, numbers, apart=channels.is_untracked,
              source="marts.sensitivity", shown=36),
        reading="Where the marks of a row lie on each other, it does not matter who is taken for whom.",
        empty="No orders yet.",
        is_wide=True,
    )  # fmt: skip


def _people(warehouse: Warehouse) -> Table:
    columns = (Column("linking", "Reading", "words"), Column("count_people", "People", "count"))
    return Table("people", "People by reading", columns, people_numbers(warehouse), source=_HEALTH)


def _refused(warehouse: Warehouse) -> Table:
    columns = (Column("what", "What", "words"), Column("rule", "Rule", "words"), Column("n", "How many", "count"))
    return Table(
        "refused",
        "Values that join nobody, and links that are not followed",
        columns,
        refused_numbers(warehouse),
        source=_HEALTH,
        note="Each link with both identifiers: core.identity_reviews.",
    )


def _households(warehouse: Warehouse) -> Table:
    columns = (Column("count_people", "People", "count"), Column("count_households", "Households", "count"))
    return Table(
        "households",
        "Households",
        columns,
        household_numbers(warehouse),
        source=_HEALTH,
        note="They share an address, number, mailbox, card or device and stay people of their own.",
    )


def _shared(warehouse: Warehouse) -> Table:
    columns = (
        Column("customer_id", "Customer number", "exact"),
        Column("kind", "Kind", "words"),
        Column("joins_kind", "Joins", "words"),
        Column("count_identifiers", "How many", "count"),
        Column("other_count", "Uses under a name", "count"),
    )
    return Table(
        "shared",
        "Shared devices, numbers, mailboxes and cards",
        columns,
        finding_numbers(warehouse, "shared_identifier"),
        source=_FINDINGS,
        note="What is done on a shared device without a name belongs to whoever was known on it nearest in time.",
    )


def _bridges(warehouse: Warehouse) -> Table:
    columns = (
        Column("customer_id", "Customer number", "exact"),
        Column("other_customer_id", "Other end", "exact"),
        Column("kind", "Rests on", "words"),
        Column("count_identifiers", "Identifiers", "count"),
        Column("other_count", "On the other side", "count"),
        Column("is_doubtful", "Followed", "flag"),
    )
    return Table(
        "bridges",
        "Bridges: one row that alone holds two groups together",
        columns,
        finding_numbers(warehouse, "bridge"),
        source=_FINDINGS,
    )


def _largest(warehouse: Warehouse) -> Table:
    columns = (
        Column("customer_id", "Customer number", "exact"),
        Column("count_identifiers", "Identifiers", "count"),
        Column("is_doubtful", "Two accounts or cards", "flag"),
    )
    return Table(
        "largest",
        "Customers with most identifiers",
        columns,
        finding_numbers(warehouse, "largest_customer"),
        source=_FINDINGS,
        shown=10,
        note="Who they are: core.customers. They stand here by number, as reports name nobody.",
    )
