"""What holds under other settings: which channel earns most, and which more than the next, in every variant."""

from __future__ import annotations

from collections import Counter
from typing import Any

from pipeline.reporting import channels, text
from pipeline.reporting.charts import dots as dotted
from pipeline.reporting.charts import tiles as tiled
from pipeline.reporting.facts import Facts, Numbers
from pipeline.reporting.numbers.sensitivity import holds_numbers, shares_numbers, variants
from pipeline.reporting.page import Content, Figure
from pipeline.reporting.sheet import WIDE, Sheet
from pipeline.reporting.style import channel_variable
from pipeline.reporting.tables import Column, Table
from pipeline.warehouse import Warehouse

ORDER = 46
TITLE = "What holds"
SUMMARY = "Which conclusions on channels survive other look-backs, no Direct, other people and other visits."

_SOURCE = "marts.sensitivity_conclusions"


def headline(warehouse: Warehouse, facts: Facts) -> str:
    """Say which channel earns most, and in how many variants."""
    numbers = holds_numbers(warehouse)
    if not numbers:
        return "No order has been credited to a channel yet."
    first = numbers[0]
    if not first["is_enough"]:
        orders = text.plural(first["count_orders"], "order")
        return f"{channels.label(first['channel'])} earns most, by {orders}: too few to say."
    return f"“{first['said']}” survives {first['count_holds']} of {first['count_variants']} variants of the settings."


def content(warehouse: Warehouse, facts: Facts) -> Content:
    """Return the page."""
    return Content(figures=(_holds(warehouse, facts), _shares(warehouse, facts)))


def _holds(warehouse: Warehouse, facts: Facts) -> Figure:
    order = variants(warehouse)
    numbers = holds_numbers(warehouse)
    names = [
        ", ".join(str(variant[key]) for key in ("lookback", "direct", "linking", "session_rule")) for variant in order
    ]
    groups = [
        (lookback, f"Direct {'kept' if direct == 'with' else 'out'}", count)
        for (lookback, direct), count in Counter((row["lookback"], row["direct"]) for row in order).items()
    ]

    def draw(rows: Numbers, facts: Facts) -> Sheet:
        return tiled.tiles([_row(row, names) for row in rows], groups)

    columns = (
        Column("said", "Conclusion", "text"),
        Column("survives", "Survives", "text"),
        Column("count_orders", "Orders", "count"),
        Column("weakness", "Fails most often with", "text"),
    )
    return Figure(
        "holds",
        "Conclusions that survive other settings",
        numbers,
        draw,
        facts.define(
            "Revenue credited to channels by the default model in 36 variants: look-backs of 7, 30 and 90 days, with "
            "and without Direct, people linked strictly, as published and loosely, visits by GA4's and Matomo's rules.",
            sum(row["count_orders"] for row in shares_numbers(warehouse)), "order", model=facts.model(),
        ),
        Table("holds", "Conclusions and the variants they survive", columns, numbers, source=_SOURCE, shown=24),
        reading="A full tile is a variant in which the sentence is true, an open one a variant in which it is not. "
        "Grey: too few orders to say it at all. Groups: days of look-back, and whether Direct earns credit. In each: "
        "people linked strictly, as published, loosely; of each, visits by GA4's rules and by Matomo's.",
        empty="No order has been credited to a channel yet.",
        is_wide=True,
    )  # fmt: skip


def _row(row: dict[str, Any], names: list[str]) -> tiled.Row:
    broken = set(row["broken_in"])
    tip = f"{row['said']}: true in {row['survives']} variants, {text.plural(row['count_orders'], 'order')}"
    if broken:
        tip += f"; fails most often with {row['weakness']}"
    holds = tuple(name not in broken for name in names)
    return tiled.Row(row["said"], holds, row["survives"], tip, not row["is_enough"])


def draw_shares(numbers: Numbers, facts: Facts) -> Sheet:
    """Draw the share of each channel as set, and how far the variants take it."""
    rows = []
    for row in numbers:
        name = channels.label(row["channel"])
        least, most = row["conversions_share_least"], row["conversions_share_most"]
        said = f"{text.share(row['conversions_share'])} as set, {text.interval(least, most)} in all variants"
        tip = (
            f"{name}: {said if text.enough(row['count_orders'], facts.guard_n) else text.too_few(row['count_orders'])}"
        )
        value = dotted.Rate(
            row["conversions_share"], least, most, row["count_orders"], channel_variable(row["channel"]), tip
        )
        rows.append(dotted.Row(name, (value,)))
    return dotted.dots(
        rows, ["Share of credited orders, and its least and largest in any variant"], facts.guard_n, width=WIDE
    )


def _shares(warehouse: Warehouse, facts: Facts) -> Figure:
    numbers = shares_numbers(warehouse)
    columns = (
        Column("channel", "Channel", "channel"),
        Column("conversions_share", "Share of orders", "share", n="count_orders"),
        Column("conversions_share_least", "Least", "share", n="count_orders"),
        Column("conversions_share_most", "Largest", "share", n="count_orders"),
        Column("count_orders", "Orders", "count"),
        Column("count_holds", "Variants in which it stays", "count"),
        Column("weakness", "Moves most often with", "text"),
    )
    return Figure(
        "shares",
        "How far other settings move a channel's share",
        numbers,
        draw_shares,
        facts.define(
            "Orders credited by the default model. A share stays when it is as near to itself as set as "
            "attribution.agree_within asks.",
            sum(row["count_orders"] for row in numbers), "order", model=facts.model(),
        ),
        Table("shares", "Shares as set and in all variants", columns, numbers, source=_SOURCE, shown=24),
        reading="The line is the range over the variants. It is no interval: chance comes on top, see Attribution.",
        empty="No order has been credited to a channel yet.",
        is_wide=True,
    )  # fmt: skip
