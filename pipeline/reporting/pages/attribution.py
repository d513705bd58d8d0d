"""Which channels, sources and campaigns led to orders: every model side by side, each adding up to what was booked."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from pipeline.reporting import channels, text
from pipeline.reporting.charts import marks as marked
from pipeline.reporting.facts import NOT_PEOPLE, SHARES, Facts, Numbers
from pipeline.reporting.numbers.attribution import (
    booked_numbers,
    first_touch_numbers,
    left_out_numbers,
    models,
    order_kinds_numbers,
    orders_numbers,
    revenue_numbers,
    silent_numbers,
    source_numbers,
    wide,
)
from pipeline.reporting.page import Content, Figure
from pipeline.reporting.pages._credit import effects_table, intervals_figure, verdict_sentence, verdicts_table
from pipeline.reporting.sheet import HALF, Sheet
from pipeline.reporting.style import model_variable
from pipeline.reporting.tables import Column, Table
from pipeline.warehouse import Warehouse

ORDER = 40
TITLE = "Attribution"
SUMMARY = "Which channels led to orders, by every credit model side by side."

_MART = "marts.attribution"
_SHAPES = {
    "first": "right", "last": "left", "last_non_direct": "diamond", "linear": "circle", "position": "square",
    "time_decay": "up", "j_shaped": "plus", "inverse_j": "down", "last_paid": "cross", "custom": "square",
    "markov_order": "bar", "markov_global": "cross", "shapley_order": "star", "shapley_rate": "star",
    "shapley_simple": "dash",
}  # fmt: skip


def headline(warehouse: Warehouse, facts: Facts) -> str:
    """Say which channel earns most, and whether the models agree."""
    return verdict_sentence(warehouse, facts)


def _lower(name: str) -> str:
    return name[:1].lower() + name[1:]


def draw_revenue(numbers: Numbers, facts: Facts) -> Sheet:
    """Draw credited revenue, one mark a model."""
    return _draw(numbers, facts, "credited_revenue", facts.money)


def draw_orders(numbers: Numbers, facts: Facts) -> Sheet:
    """Draw credited orders, one mark a model."""
    return _draw(numbers, facts, "conversions", lambda value: f"{text.decimal(value)} orders")


def _draw(numbers: Numbers, facts: Facts, measure: str, write: Any) -> Sheet:
    names = sorted({row["model"] for row in numbers}, key=text.model_order)
    main = facts.settings["default_model"]
    kinds = [
        marked.Kind(text.model_name(name), model_variable(name), _SHAPES.get(name, "circle"), name == main)
        for name in names
    ]
    rows = []
    for made in wide(numbers, measure):
        label = channels.label(made["channel"])
        values = tuple(float(made.get(name, 0)) for name in names)
        tips = tuple(f"{label}, {_lower(kind.name)}: {write(value)}" for kind, value in zip(kinds, values, strict=True))
        untracked = f"{write(max(values))} by every model" if channels.is_untracked(made) else ""
        rows.append(marked.Row(label, values, tips, untracked))
    return marked.marks(rows, kinds, width=HALF + 40)


def content(warehouse: Warehouse, facts: Facts) -> Content:
    """Return the page."""
    booked, known = booked_numbers(warehouse)[0], models(warehouse)
    revenue, orders = revenue_numbers(warehouse), orders_numbers(warehouse)
    return Content(
        figures=(
            _figure(
                facts,
                booked,
                "revenue",
                f"Credited revenue, {facts.currency}",
                revenue,
                draw_revenue,
                "credited_revenue",
            ),
            _figure(facts, booked, "orders", "Credited orders", orders, draw_orders, "conversions"),
            intervals_figure(warehouse, facts),
        ),
        tables=(
            _by_model(
                facts,
                booked,
                known,
                "revenue-by-model",
                f"Revenue by channel and model, {facts.currency}",
                revenue,
                "credited_revenue",
            ),
            _by_model(facts, booked, known, "orders-by-model", "Orders by channel and model", orders, "conversions"),
            _by_source(warehouse, facts, booked, "source_medium", "Sources and media"),
            _by_source(warehouse, facts, booked, "campaign", "Campaigns"),
            _by_source(warehouse, facts, booked, "content", "Ads and links"),
            _order_kinds(warehouse, facts, booked),
            verdicts_table(warehouse, facts),
            effects_table(warehouse, facts),
            _silent(warehouse),
            _first_touch(warehouse, facts),
        ),
        values={
            "verdict": verdict_sentence(warehouse, facts),
            "models": [(text.model_name(name), _says(name, facts)) for name in known],
            "default_model": facts.model(),
            "left_out": _left_out(warehouse),
        },
    )


def _figure(
    facts: Facts, booked: dict[str, Any], name: str, title: str, numbers: Numbers, draw: Any, measure: str
) -> Figure:
    is_money = measure == "credited_revenue"
    columns = (
        Column("channel", "Channel", "channel"),
        Column("model", "Model", "model"),
        Column(measure, title, "money" if is_money else "decimal"),
        Column("credit_share", "Share", "share", n="count_booked"),
    )
    return Figure(
        name,
        title,
        numbers,
        draw,
        facts.define(
            "The share of each order that a channel earns under a model; every model gives out each order once.",
            booked["orders"], "order", money=is_money, model=f"all; larger mark: {facts.model()}", lookback=True,
            without=NOT_PEOPLE,
        ),
        Table(name, title, columns, numbers, apart=channels.is_untracked, source=_MART, shown=16),
        reading="The wider the marks of a row lie apart, the more the channel's credit depends on the model.",
        empty="No orders yet.",
    )  # fmt: skip


def _by_model(
    facts: Facts, booked: dict[str, Any], known: Sequence[str], name: str, title: str, numbers: Numbers, measure: str
) -> Table:
    rows, kind = wide(numbers, measure), "money" if measure == "credited_revenue" else "decimal"
    columns = (
        Column("channel", "Channel", "channel"),
        *(Column(model, text.model_name(model), kind) for model in known),
        Column("spread", "Most less least", kind),
    )
    totals: dict[str, Any] = {model: sum((row[model] for row in rows if model in row), start=0) for model in known}
    return Table(
        name,
        title,
        columns,
        rows,
        totals={"channel": "All", **totals} if rows else None,
        ledger="figure-credit",
        shown=40,
        apart=channels.is_untracked,
        note=_tie(totals, booked, facts, measure) if rows else "",
        definition=facts.define("Credit of each channel by each model, the whole period.", booked["orders"], "order",
                                money=kind == "money", model="all", lookback=True),
    )  # fmt: skip


def _tie(totals: dict[str, Any], booked: dict[str, Any], facts: Facts, measure: str) -> str:
    """Say whether every model adds up to the order book."""
    if measure == "credited_revenue":
        target, shown, least = (
            booked["revenue"],
            facts.money(booked["revenue"]),
            Decimal(1) / 10**facts.minor_digits / 2,
        )
    else:
        target, shown, least = booked["orders"], text.plural(booked["orders"], "order"), Decimal("0.001")
    off = {model: abs(Decimal(value) - Decimal(target)) for model, value in totals.items()}
    wrong = [text.model_name(model) for model, difference in off.items() if difference >= least]
    if wrong:
        return f"These models do not add up to the {shown} booked: {', '.join(wrong)}."
    cent = ", to the cent" if measure == "credited_revenue" and facts.minor_digits else ""
    return f"Every model adds up to the {shown} booked{cent}."


def _by_source(warehouse: Warehouse, facts: Facts, booked: dict[str, Any], level: str, title: str) -> Table:
    rows = source_numbers(warehouse, level)
    columns = [
        Column("channel", "Channel", "channel"),
        Column("source", "Source", most=40),
        Column("medium", "Medium", most=30),
    ]
    if level != "source_medium":
        columns.append(Column("campaign", "Campaign", most=48))
    if level == "content":
        columns.append(Column("content", "Ad or link", most=48))
    columns += [
        Column("conversions", "Orders credited", "decimal"),
        Column("count_orders", "Orders touched", "count"),
        Column("credited_revenue", f"Revenue, {facts.currency}", "money"),
        Column("revenue_share", "Share of revenue", "share", n="count_booked", bar=True),
    ]
    totals: dict[str, Any] = {
        key: sum((row[key] for row in rows), start=0) for key in ("conversions", "credited_revenue")
    }
    return Table(
        level.replace("_", "-"),
        title,
        tuple(columns),
        rows,
        totals={"channel": "All", **totals} if rows else None,
        ledger="figure-credit",
        apart=channels.is_untracked,
        source=_MART,
        definition=facts.define(
            "The whole period. A touched order counts once for every row with any credit, so that column has no sum.",
            booked["orders"], "order", money=True, model=facts.model(), lookback=True,
        ),
    )  # fmt: skip


def _order_kinds(warehouse: Warehouse, facts: Facts, booked: dict[str, Any]) -> Table:
    rows = order_kinds_numbers(warehouse)
    columns = (
        Column("channel", "Channel", "channel"),
        Column("first_orders", "First orders", "decimal"),
        Column("first_revenue", f"Revenue of first orders, {facts.currency}", "money"),
        Column("later_orders", "Later orders", "decimal"),
        Column("later_revenue", f"Revenue of later orders, {facts.currency}", "money"),
    )
    keys = ("first_orders", "first_revenue", "later_orders", "later_revenue")
    totals: dict[str, Any] = {key: sum((row[key] for row in rows if row[key] is not None), start=0) for key in keys}
    return Table(
        "first-and-later-orders",
        "New customers and those who come back",
        columns,
        rows,
        totals={"channel": "All", **totals} if rows else None,
        apart=channels.is_untracked,
        source=_MART,
        definition=facts.define(
            "Credit for customers' first orders and for their later ones, the whole period.",
            booked["orders"], "order", money=True, model=facts.model(), lookback=True,
        ),
    )  # fmt: skip


def _left_out(warehouse: Warehouse) -> str:
    """Say what Direct would have taken part in, where settings leave it out."""
    row = left_out_numbers(warehouse)[0]
    if not row["touches"]:
        return ""
    return (
        f"Direct is left out where another channel is there: {text.plural(row['touches'], 'touch', 'touches')} "
        f"before {text.plural(row['orders'], 'order')} earn nothing (attribution.exclude_direct)."
    )


def _silent(warehouse: Warehouse) -> Table:
    columns = (
        Column("silent_kind", "Kind", "words"),
        Column("source", "Referrer", most=48),
        Column("visits", "Visits from it", "count"),
        Column("visits_led_by_another", "Led by another source", "count"),
        Column("visits_continued", "Part of another visit", "count"),
        Column("visits_direct", "Counted as Direct", "count"),
    )
    return Table(
        "silent-referrers",
        "Referrers that bring nobody",
        columns,
        silent_numbers(warehouse),
        source="marts.silent_referrers",
        note="The business's own hosts, payment pages, banks, log-ins and webmail are part of a visit: "
        "what led to the visit keeps the credit. The list is config.silent_hosts.",
    )


def _first_touch(warehouse: Warehouse, facts: Facts) -> Table:
    rows = first_touch_numbers(warehouse)
    orders, cut = (sum(row[key] for row in rows) for key in ("count_orders", "count_truncated"))
    columns = (
        Column("channel", "Channel of the first touch", "channel"),
        Column("count_orders", "Orders", "count"),
        Column("revenue", f"Revenue, {facts.currency}", "money"),
        Column("count_truncated", "Look-back cut off", "count"),
        Column("revenue_truncated", f"Their revenue, {facts.currency}", "money"),
        Column("orders_share", "Share of all orders", "share", n="all_orders"),
        Column(
            "whole_share",
            "Share without the cut-off",
            "rate",
            low="whole_share_low",
            high="whole_share_high",
            n="whole_orders",
        ),
    )
    share = text.with_share(cut, cut / orders if orders else None, orders, facts.guard_n, "{} ({})")
    return Table(
        "first-touch",
        "First touch, with and without orders at the beginning of the data",
        columns,
        rows,
        source="marts.first_touch",
        note=f"Orders whose look-back begins before the exports do: {share}. What came first there may be missing, so "
        "their first touch looks like Direct or Email too often: judge first touches without them.",
        definition=facts.define(
            "Orders by the first touch that earns credit.",
            orders,
            "order",
            money=True,
            lookback=True,
            interval=SHARES,
        ),
    )


def _says(model: str, facts: Facts) -> str:
    """Say in words how a model shares an order, with the settings in force."""
    given = facts.settings
    first, last = round(given["position_first"] * 100), round(given["position_last"] * 100)
    two = round(given["j_last_of_two"] * 100)
    return {
        "first": "All to the first touch.",
        "last": "All to the last touch.",
        "last_non_direct": "All to the last touch that is not Direct; to the last one when all are Direct.",
        "linear": "The same to every touch.",
        "position": f"{first} % to the first, {last} % to the last, {100 - first - last} % shared by those between.",
        "time_decay": f"More to later touches: a touch {given['half_life_days']:g} days earlier weighs half.",
        "j_shaped": f"20 % to the first, 60 % to the last, 20 % between; of two touches the last gets {two} %.",
        "inverse_j": f"60 % to the first, 20 % to the last, 20 % between; of two touches the first gets {two} %.",
        "last_paid": f"All to the last touch of a paid channel ({', '.join(given['paid_channels'])}); "
        "without one, to the last touch that is not Direct.",
        "custom": "Weights of the first touch, those between and the last: "
        + ", ".join(f"{given[key] or 0:g}" for key in ("custom_first", "custom_middle", "custom_last"))
        + "; what is missing is shared by the rest.",
        "shapley_simple": "The same to every distinct channel of the order, however often it was touched.",
        "markov_order": "To the order's own channels, in proportion to what leaving each out would take from "
        "the chance of an order.",
        "shapley_order": "To the order's own channels, in proportion to what each adds to the rate of orders in the "
        "mean over all sets of other channels; one that adds nothing shares only orders without any that does.",
    }.get(model, "")
