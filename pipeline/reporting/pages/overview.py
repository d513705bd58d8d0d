"""What the business did, month by month, and what each channel brought."""

from __future__ import annotations

from typing import Any

from pipeline.reporting import channels, text
from pipeline.reporting.charts import bars as lying
from pipeline.reporting.charts import columns as upright
from pipeline.reporting.charts import points as pointed
from pipeline.reporting.charts.dots import Rate
from pipeline.reporting.facts import NOT_ORDERS, NOT_PEOPLE, SHARES, Facts, Numbers
from pipeline.reporting.numbers.overview import (
    channel_totals_numbers,
    channels_numbers,
    months_numbers,
    orders_numbers,
    totals_numbers,
    untracked_numbers,
    visits_numbers,
)
from pipeline.reporting.page import Content, Figure
from pipeline.reporting.pages import _daily, _worth
from pipeline.reporting.sheet import WIDE, Sheet
from pipeline.reporting.style import channel_variable
from pipeline.reporting.tables import Column, Table
from pipeline.warehouse import Warehouse

ORDER = 10
TITLE = "Overview"
SUMMARY = "What was sold, to whom, and which channels brought it."


def headline(warehouse: Warehouse, facts: Facts) -> str:
    """Say how many orders there were and what they brought."""
    total = totals_numbers(warehouse)[0]
    if not total["orders"]:
        return "No orders yet."
    orders, visits = text.plural(total["orders"], "order"), text.plural(total["visits"], "visit")
    return f"{orders} worth {facts.tile_money(total['revenue'])}, from {visits}."


def draw_orders(numbers: Numbers, facts: Facts) -> Sheet:
    """Draw orders by month, first ones below."""
    bars = [
        _worth.column(
            row,
            facts,
            ((row["new_customers"], "converted"), (row["repeat_orders"], "accent")),
            f"{text.plural(row['orders'], 'order')}, {text.count(row['new_customers'])} of them first ones",
            shown=row["orders"],
        )
        for row in numbers
    ]
    return upright.columns(bars, legend=(("first order", "converted"), ("later order", "accent")))


def draw_visits(numbers: Numbers, facts: Facts) -> Sheet:
    """Draw visits by month."""
    return upright.columns(
        [_worth.column(row, facts, ((row["visits"], "start"),), text.plural(row["visits"], "visit")) for row in numbers]
    )


def draw_untracked(numbers: Numbers, facts: Facts) -> Sheet:
    """Draw the share of orders without a touchpoint."""
    given = []
    for row in numbers:
        label = text.month(row["month"])
        tip = f"{label}: {text.count(row['orders_untracked'])} of {text.plural(row['orders'], 'order')}"
        rate = Rate(
            row["untracked_share"], row["untracked_share_low"], row["untracked_share_high"], row["orders"], "warn", tip
        )
        given.append(pointed.Point(label, rate, facts.month_note(row["month"])))
    return pointed.points(given, facts.guard_n)


def draw_channels(numbers: Numbers, facts: Facts) -> Sheet:
    """Draw what each channel brought."""
    rows = []
    for row in numbers:
        fill, hatched, name = (
            channel_variable(row["channel"]),
            channels.is_untracked(row),
            channels.label(row["channel"]),
        )
        rows.append(
            lying.Row(
                name,
                (
                    lying.plain(
                        float(row["visits"]),
                        fill,
                        text.count(row["visits"]),
                        f"{name}: {text.plural(row['visits'], 'visit')}",
                    ),
                    lying.plain(
                        row["orders"],
                        fill,
                        text.decimal(row["orders"]),
                        f"{name}: {text.decimal(row['orders'])} orders",
                        hatched=hatched,
                    ),
                    lying.plain(
                        float(row["revenue"]),
                        fill,
                        text.count(row["revenue"]),
                        f"{name}: {facts.money(row['revenue'])}",
                        hatched=hatched,
                    ),
                ),
                is_apart=hatched,
            )
        )
    return lying.bars(rows, ["Visits", "Orders credited", f"Revenue credited, {facts.currency}"], width=WIDE)


def content(warehouse: Warehouse, facts: Facts) -> Content:
    """Return the page."""
    total = totals_numbers(warehouse)[0]
    return Content(
        figures=(
            _worth.figure(warehouse, facts, total),
            _orders(warehouse, facts, total),
            _visits(warehouse, facts, total),
            _untracked(warehouse, facts, total),
            _channels(warehouse, facts, total),
            _daily.figure(warehouse, facts),
        ),
        tables=(
            _channel_table(warehouse, facts),
            _worth.by_sale_channel(warehouse, facts),
            _month_table(warehouse, facts),
        ),
        values={"tiles": tiles(total, months_numbers(warehouse), facts)},
    )


def tiles(total: dict[str, Any], months: Numbers, facts: Facts) -> list[dict[str, str]]:
    """Return the headline numbers of the whole period, each with the last whole month."""
    whole = next((row for row in reversed(months) if facts.is_whole(row["month"])), None)

    def last(key: str, write: Any = text.count) -> str:
        return f"{text.month(whole['month'])}: {write(whole[key])}" if whole else ""

    enough = text.enough(total["orders"], facts.guard_n)
    return [
        {
            "name": "Revenue",
            "value": facts.tile_money(total["revenue"]),
            "more": last("revenue", facts.tile_money),
            "link": "ledger.html#book",
        },
        {"name": "Orders", "value": text.count(total["orders"]), "more": last("orders"), "link": "ledger.html#book"},
        {"name": "New customers", "value": text.count(total["new_customers"]), "more": last("new_customers")},
        {"name": "Visits", "value": text.count(total["visits"]), "more": last("visits")},
        {
            "name": "People seen",
            "value": text.count(total["new_people"]),
            "more": last("new_people", lambda n: f"{text.count(n)} new"),
        },
        {
            "name": "Orders without a touchpoint",
            "value": text.share(total["untracked_share"]) if enough else "too few",
            "more": text.interval(total["untracked_share_low"], total["untracked_share_high"])
            if enough
            else f"to say (n{text.GAP}={text.GAP}{text.count(total['orders'])})",
            "link": "ledger.html#figure-credit",
        },
    ]


def _orders(warehouse: Warehouse, facts: Facts, total: dict[str, Any]) -> Figure:
    numbers = orders_numbers(warehouse)
    columns = (
        _worth.MONTH,
        Column("orders", "Orders", "count"),
        Column("new_customers", "First orders", "count"),
        Column("repeat_orders", "Later orders", "count"),
    )
    return Figure(
        "orders",
        "Orders by month",
        numbers,
        draw_orders,
        facts.define(
            "Paid orders of all sale channels, each counted once; a first order is the buyer's first in the data.",
            total["orders"], "order", since=_worth.since(numbers, facts), without=NOT_ORDERS,
        ),
        Table("orders", "Orders by month", columns, numbers, source=_TOTALS),
        empty="No orders yet.",
    )  # fmt: skip


def _visits(warehouse: Warehouse, facts: Facts, total: dict[str, Any]) -> Figure:
    numbers = visits_numbers(warehouse)
    return Figure(
        "visits",
        "Visits by month",
        numbers,
        draw_visits,
        facts.define(
            "Visits to the site or app, without machines and the business itself, in the month they began.",
            total["visits"], "visit", visits=True, since=_worth.since(numbers, facts),
        ),
        Table(
            "visits", "Visits by month", (_worth.MONTH, Column("visits", "Visits", "count")), numbers, source=_TOTALS
        ),
        empty="No visits in the data.",
    )  # fmt: skip


def _untracked(warehouse: Warehouse, facts: Facts, total: dict[str, Any]) -> Figure:
    numbers = untracked_numbers(warehouse)
    columns = (
        _worth.MONTH,
        Column("orders", "Orders", "count"),
        Column("orders_untracked", "Without a touchpoint", "count"),
        Column("untracked_share", "Share", "rate", low="untracked_share_low", high="untracked_share_high", n="orders"),
    )
    return Figure(
        "untracked",
        "Orders that no tracked touchpoint led to",
        numbers,
        draw_untracked,
        facts.define(
            "Orders without any tracked touch inside the look-back, as a share of all. No channel is given them.",
            total["orders"], "order", lookback=True, since=_worth.since(numbers, facts), interval=SHARES,
            without=NOT_ORDERS,
        ),
        Table("untracked", "Orders without a touchpoint", columns, numbers, source=_TOTALS),
        reading="The higher this share, the less the channels' numbers say. Lines are 95 % intervals.",
        empty="No orders yet.",
    )  # fmt: skip


def _channels(warehouse: Warehouse, facts: Facts, total: dict[str, Any]) -> Figure:
    numbers = channels_numbers(warehouse)
    columns = (
        Column("channel", "Channel", "channel"),
        Column("visits", "Visits", "count"),
        Column("orders", "Orders", "decimal"),
        Column("revenue", f"Revenue, {facts.currency}", "money"),
    )
    return Figure(
        "channels",
        "What each channel brought",
        numbers,
        draw_channels,
        facts.define(
            "Visits that began under a channel; orders and revenue credited to it. Channels can share an order.",
            [(total["orders"], "order", "orders"), (total["visits"], "visit", "visits")],
            money=True, model=facts.model(), lookback=True, visits=True, without=NOT_PEOPLE,
        ),
        Table("channels-drawn", "What each channel brought", columns, numbers, apart=channels.is_untracked),
        empty="No channel has visits or orders yet.",
        is_wide=True,
    )  # fmt: skip


def _channel_table(warehouse: Warehouse, facts: Facts) -> Table:
    rows = channel_totals_numbers(warehouse)
    columns = [
        Column("channel", "Channel", "channel"),
        Column("visits", "Visits", "count"),
        Column("leads", "Leads", "count"),
        Column("orders", "Orders credited", "decimal"),
        Column("count_orders", "Orders touched", "count"),
        Column("new_customers", "New customers", "count"),
        Column("revenue", f"Revenue, {facts.currency}", "money"),
        Column("revenue_share", "Share of revenue", "share", n="count_booked", bar=True),
    ]
    keys = ["visits", "leads", "orders", "new_customers", "revenue"]
    if any(row["spend"] is not None for row in rows):
        columns.append(Column("spend", f"Spend, {facts.currency}", "money"))
        keys.append("spend")
    totals: dict[str, Any] = {key: sum((row[key] for row in rows if row[key] is not None), start=0) for key in keys}
    return Table(
        "channels",
        "Channels",
        tuple(columns),
        rows,
        totals={"channel": "All", **totals} if rows else None,
        ledger="figure-credit",
        shown=40,
        apart=channels.is_untracked,
        source="marts.channel_performance",
        definition=facts.define(
            "The whole period. A touched order counts for every channel with any credit, so that column has no sum.",
            round(totals["orders"]), "order", money=True, model=facts.model(), lookback=True,
        ),
    )  # fmt: skip


def _month_table(warehouse: Warehouse, facts: Facts) -> Table:
    rows = [row | {"note": facts.month_note(row["month"])} for row in months_numbers(warehouse)]
    columns = (
        _worth.MONTH,
        Column("note", "", nothing=""),
        Column("visits", "Visits", "count"),
        Column("new_people", "New people", "count"),
        Column("orders", "Orders", "count"),
        Column("new_customers", "New customers", "count"),
        Column("revenue", f"Revenue, {facts.currency}", "money"),
        Column("refunded", f"Refunded, {facts.currency}", "money"),
        Column("orders_untracked", "Without a touchpoint", "count"),
        Column("orders_left_out", "Not counted", "count"),
        Column("is_provisional", "May still change", "flag"),
    )
    return Table("months", "Months", columns, rows, source=_TOTALS)


_TOTALS = "marts.monthly_totals"
