"""What advertising cost and what it returned: by channel, campaign and model, beside what the platforms claim."""

from __future__ import annotations

from typing import Any

from pipeline.reporting import channels, text
from pipeline.reporting.charts.whiskers import Panel, Whisker, whiskers
from pipeline.reporting.facts import Definition, Facts, Numbers
from pipeline.reporting.numbers.money import (
    campaigns_numbers,
    cards_numbers,
    channels_numbers,
    claims_numbers,
    months_numbers,
    roas_numbers,
    rules_numbers,
    ties_numbers,
    totals_numbers,
    whole_numbers,
)
from pipeline.reporting.page import Content, Figure
from pipeline.reporting.pages._cards import card_sentence, cards, cards_table, drawn, rules_table
from pipeline.reporting.pages._claims import ALL_PLATFORMS, claim_months_table, claims_figure
from pipeline.reporting.sheet import Sheet
from pipeline.reporting.style import model_variable
from pipeline.reporting.tables import Column, Table
from pipeline.warehouse import Warehouse

ORDER = 45
TITLE = "Money"
SUMMARY = "What advertising cost, what it returned by every model, what its platforms claim, and what to do next."

_BASES = {"order_date": "order date", "refund_date": "refund date"}
_SAME_DAYS = (
    "Credit and spend are of the same days: those that an export of spend and the order books both cover. Refunds are "
    "taken off."
)


def headline(warehouse: Warehouse, facts: Facts) -> str:
    """Say what was spent and what it returned."""
    total = next(iter(totals_numbers(warehouse)), None)
    if total is None:
        return "No spend is known: an export of any advertising platform can be mapped."
    spent = [row for row in cards_numbers(warehouse) if row["spend_state"] == "spent"]
    steps = [card_sentence(spent)] if spent else []
    # Whoever asks what to cut is told as well when the numbers say of nothing that it should be.
    if spent and all(row["next_step"] != "cut" for row in spent):
        steps.insert(0, "cut nothing yet")
    said = f"{facts.money(total['spend'])} spent."
    return f"{said} Next: {'; '.join(steps)}." if steps else said


def content(warehouse: Warehouse, facts: Facts) -> Content:
    """Return the page."""
    decided, total = cards_numbers(warehouse), next(iter(totals_numbers(warehouse)), None)
    return Content(
        figures=(_roas(warehouse, facts), _months(warehouse, facts), claims_figure(warehouse, facts)),
        tables=(
            cards_table(decided, facts),
            rules_table(rules_numbers(warehouse)),
            _channel_table(warehouse, facts),
            _basis_table(warehouse, facts),
            _campaign_table(warehouse, facts),
            _whole_table(warehouse, facts),
            claim_months_table(warehouse, facts),
        ),
        values={
            "cards": cards(decided, facts),
            "tiles": _tiles(total, claims_numbers(warehouse), facts),
            "has_spend": total is not None,
            "model": facts.model(),
        },
    )


def _tiles(total: dict[str, Any] | None, claimed: Numbers, facts: Facts) -> list[dict[str, str]]:
    if total is None:
        return []
    first = text.enough(total["count_first_orders"], facts.guard_n)
    tiles = [
        {
            "name": "Spend",
            "value": facts.tile_money(total["spend"]),
            "more": f"{text.plural(total['count_days'], 'day')} beside the order books",
        },
        {
            "name": "Booked on the same days",
            "value": facts.tile_money(total["compared_revenue"]),
            "more": f"{text.plural(total['count_orders'], 'order')}, whatever led to them",
        },
        {
            "name": "Spend per new customer",
            "value": facts.tile_money(total["cac"]) if first and total["cac"] is not None else text.NOTHING,
            "more": f"all spend by {text.plural(total['count_first_orders'], 'first-ever order')}"
            if first
            else text.too_few(total["count_first_orders"]),
        },
    ]
    row = next(
        (row for row in claimed if row["platform"] == ALL_PLATFORMS and row["claimed_conversions"] is not None), None
    )
    if row:
        tiles.append(
            {
                "name": "Claimed by platforms",
                "value": text.plural(row["claimed_conversions"], "order"),
                "more": f"{text.decimal(row['credited_orders'])} credited to their channels"
                + (
                    f"; at least {text.exact(row['double_claims_least'])} too many"
                    if row["double_claims_least"]
                    else ""
                ),
            }
        )
    return tiles


def _times(value: float | None) -> str:
    return text.money(value, 2)


def _whisker(row: dict[str, Any], facts: Facts, fill: str, name: str) -> Whisker:
    is_enough = text.enough(row["count_orders"], facts.guard_n)
    said = f"{_times(row['roas'])} ({_times(row['roas_low'])} to {_times(row['roas_high'])})"
    tip = f"{name}: {said if is_enough else text.too_few(row['count_orders'])}"
    low, high = (row["roas_low"], row["roas_high"]) if is_enough else (None, None)
    return Whisker(row["roas"] or 0, low, high, fill, tip)


def draw_roas(numbers: Numbers, facts: Facts) -> Sheet:
    """Draw one panel a channel, one row a model; the dashed line is what one unit of spend must bring."""
    models = sorted({row["model"] for row in numbers}, key=text.model_order)
    panels = []
    for channel in dict.fromkeys(row["channel"] for row in numbers):
        rows = {row["model"]: row for row in numbers if row["channel"] == channel}
        first, label = next(iter(rows.values())), channels.label(channel)
        line = first["pays_at"] if text.enough(first["count_orders"], facts.guard_n) else None
        panels.append(
            Panel(
                label,
                f"{facts.money(first['compared_spend'])} spent, n = {text.count(first['count_orders'])}",
                "muted",
                tuple(
                    _whisker(rows[model], facts, model_variable(model), f"{label}, {text.model_name(model)}")
                    if model in rows
                    else None
                    for model in models
                ),
                None if line is None else (line, line, line),
            )
        )
    names = [text.model_name(model) for model in models]
    return whiskers(panels, names, main=facts.model(), per_line=_per_line(panels), write=text.compact)


def draw_months(numbers: Numbers, facts: Facts) -> Sheet:
    """Draw one panel a channel, and in it each month by both dates."""
    kinds = sorted({(row["month"], row["date_basis"]) for row in numbers})
    panels = []
    for channel in dict.fromkeys(row["channel"] for row in numbers):
        rows = {(row["month"], row["date_basis"]): row for row in numbers if row["channel"] == channel}
        label = channels.label(channel)
        panels.append(
            Panel(
                label,
                "",
                "muted",
                tuple(
                    _whisker(
                        rows[kind],
                        facts,
                        "accent" if kind[1] == "order_date" else "lost",
                        f"{label}, {text.month(kind[0])}, {_BASES[kind[1]]}",
                    )
                    if kind in rows and rows[kind]["roas"] is not None
                    else None
                    for kind in kinds
                ),
            )
        )
    partial = {row["month"] for row in numbers if row["is_partial"]}
    names = [f"{text.month(month)}{' *' * (month in partial)}, {_BASES[basis]}" for month, basis in kinds]
    return whiskers(panels, names, per_line=_per_line(panels), write=text.compact)


def _per_line(panels: list[Panel]) -> int:
    return max(min(len(panels), 4), 2)


def _roas(warehouse: Warehouse, facts: Facts) -> Figure:
    numbers, title = roas_numbers(warehouse), "What one unit of spend brought back, by channel and model"
    columns = (
        Column("channel", "Channel", "channel"),
        Column("model", "Model", "model"),
        Column("compared_spend", f"Spend, {facts.currency}", "money"),
        Column("compared_revenue", f"Revenue credited, {facts.currency}", "money"),
        Column("roas", "Revenue per 1 spent", "ratio", low="roas_low", high="roas_high", n="count_orders"),
        Column(
            "margin_return", "Margin per 1 spent", "ratio", low="margin_return_low", high="margin_return_high",
            n="count_orders",
        ),
        Column("count_orders", "Orders touched", "count"),
    )  # fmt: skip
    return Figure(
        "roas",
        title,
        numbers,
        draw_roas,
        facts.define(
            f"Revenue credited to a channel by the order's date, divided by its spend (ROAS). {_SAME_DAYS}",
            _compared(warehouse), "order of those days", many="orders of those days", money=True, lookback=True,
            model=f"all; bold: {facts.model()}", interval=drawn(facts),
        ),
        Table("roas", title, columns, numbers, source="marts.returns", shown=14),
        reading="Dashed: what 1 spent must bring so that its margin is 1 (or money.break_even_roas). Lines are what "
        "chance alone could do; hollow dots stand on too few orders.",
        empty="No spend that can be compared with orders.",
        is_wide=True,
    )  # fmt: skip


def _compared(warehouse: Warehouse) -> int:
    return sum(row["count_orders"] for row in totals_numbers(warehouse))


def _months(warehouse: Warehouse, facts: Facts) -> Figure:
    numbers, title = months_numbers(warehouse), "What one unit of spend brought back by month, two ways to date refunds"
    columns = (
        Column("channel", "Channel", "channel"),
        Column("month", "Month", "month"),
        Column("date_basis", "Dated by", "words"),
        Column("spend", f"Spend, {facts.currency}", "money"),
        Column("compared_revenue", f"Revenue credited, {facts.currency}", "money"),
        Column("roas", "Revenue per 1 spent", "ratio", low="roas_low", high="roas_high", n="count_orders"),
        Column("count_orders", "Orders touched", "count"),
        Column("count_days", "Days compared", "count"),
        Column("is_partial", "Part of the month", "flag"),
    )
    return Figure(
        "months",
        title,
        numbers,
        draw_months,
        facts.define(
            f"By order date a refund lowers the month of its order, also one long past; by refund date its own month. "
            f"{_SAME_DAYS}",
            _compared(warehouse), "order of those days", many="orders of those days", money=True, lookback=True,
            model=facts.model(), interval=drawn(facts),
        ),
        Table("months", title, columns, numbers, source="marts.returns", shown=12),
        reading="By order date a month is final only when all refunds of its orders are in. * A part of the "
        "month is not covered. Hollow dots stand on too few orders.",
        empty="No month with spend.",
        is_wide=True,
    )  # fmt: skip


def _dated_columns(facts: Facts) -> dict[str, Column]:
    n, new = "count_compared", "count_first_orders"
    columns = (
        Column("spend", f"Spend, {facts.currency}", "money"),
        Column("credited_revenue", f"Revenue credited, {facts.currency}", "money"),
        Column("conversions", "Orders credited", "decimal"),
        Column("count_orders", "Orders touched", "count"),
        Column("roas", "Returns per 1 spent, by order date", "ratio", low="roas_low", high="roas_high", n=n),
        Column(
            "markov_roas", "The same, by Markov", "ratio", low="markov_roas_low", high="markov_roas_high", n=n
        ),
        Column("refund_roas", "By refund date", "ratio", low="refund_roas_low", high="refund_roas_high", n=n),
        Column("margin_return", "Margin per 1 spent", "ratio", low="margin_return_low", high="margin_return_high", n=n),
        Column("costed_share", "Costs known of", "share", n=n),
        Column("cac", f"Spend per new customer, {facts.currency}", "mean", low="cac_low", high="cac_high", n=new),
        Column(
            "cac_after_refunds", "After refunds", "mean", low="cac_after_refunds_low", high="cac_after_refunds_high",
            n=new,
        ),
        Column("count_days", "Days compared", "count"),
        Column("is_partial", "Part of the days", "flag"),
    )  # fmt: skip
    return {column.key: column for column in columns}


#: Costs and days that a return stands on are told once, of the channel; of a campaign what differs between campaigns.
_OF_CHANNEL = (
    "spend", "credited_revenue", "conversions", "count_orders", "roas", "refund_roas", "margin_return", "cac",
    "cac_after_refunds",
)  # fmt: skip
_STOOD_ON = ("spend", "count_days", "is_partial", "costed_share")
_OF_CAMPAIGN = (
    "spend", "credited_revenue", "count_orders", "roas", "markov_roas", "refund_roas", "margin_return", "cac",
    "cac_after_refunds",
)  # fmt: skip


def _channel_table(warehouse: Warehouse, facts: Facts) -> Table:
    rows = channels_numbers(warehouse)
    tie = ties_numbers(warehouse)[0]
    totals: dict[str, Any] = {
        key: sum((row[key] for row in rows), start=0) for key in ("spend", "credited_revenue", "conversions")
    }
    off = float(tie["off"]) >= 0.5 / 10**facts.minor_digits
    said = "do not add up" if off else "add up"
    return Table(
        "channels",
        "Spend and credit of every channel",
        (Column("channel", "Channel", "channel"), *map(_dated_columns(facts).__getitem__, _OF_CHANNEL)),
        rows,
        totals={"channel": "All", **totals} if rows else None,
        ledger="figure-credit",
        apart=channels.is_untracked,
        source="marts.returns",
        shown=20,
        note=f"Channels with credit and no spend, and with spend and no credit, stay in the table. By either date, all "
        f"models {said} to the {facts.money(tie['booked'])} booked. New customers are first-ever orders in all data; "
        "after refunds: those not given back whole.",
        definition=_dated(ties_numbers(warehouse)[0]["orders"], facts),
    )


def _basis_table(warehouse: Warehouse, facts: Facts) -> Table:
    return Table(
        "basis",
        "What the returns of a channel stand on",
        (Column("channel", "Channel", "channel"), *map(_dated_columns(facts).__getitem__, _STOOD_ON)),
        [row for row in channels_numbers(warehouse) if row["spend"]],
        source="marts.returns",
        shown=20,
    )


def _dated(n: int, facts: Facts) -> Definition:
    return facts.define(
        f"{_SAME_DAYS} Revenue and orders credited are of all days.",
        n, "order", money=True, model=facts.model(), lookback=True, interval=drawn(facts),
    )  # fmt: skip


def _campaign_table(warehouse: Warehouse, facts: Facts) -> Table:
    rows = campaigns_numbers(warehouse)
    return Table(
        "campaigns",
        "Campaigns of channels that money was spent on",
        (
            Column("channel", "Channel", "channel"),
            Column("campaign", "Campaign", most=48, nothing="(none named)"),
            *map(_dated_columns(facts).__getitem__, _OF_CAMPAIGN),
        ),
        rows,
        source="marts.returns",
        shown=20,
        note="Spellings that differ in capitals and in what stands between words are one campaign; links that carry "
        "the platform's id of a campaign count as it. A campaign without spend or without credit may be a wrong tag.",
        definition=_dated(ties_numbers(warehouse)[0]["orders"], facts),
    )


def _whole_table(warehouse: Warehouse, facts: Facts) -> Table:
    n, new = "count_orders", "count_first_orders"
    rows = whole_numbers(warehouse)
    columns = (
        Column("channel", "Channel", "channel"),
        Column("model", "Model", "model"),
        Column("compared_spend", f"Spend, {facts.currency}", "money"),
        Column("credit_share", "Share of credit", "share", n=n),
        Column("compared_revenue", f"Revenue credited, {facts.currency}", "money"),
        Column("roas", "Returns per 1 spent", "ratio", low="roas_low", high="roas_high", n=n),
        Column("cac", f"Spend per new customer, {facts.currency}", "mean", low="cac_low", high="cac_high", n=new),
        Column("cac_after_refunds", "After refunds", "mean", n=new),
        Column("count_orders", "Orders touched", "count"),
    )
    return Table(
        "whole",
        "Returns by the models of the whole",
        columns,
        rows,
        source="marts.whole_returns",
        shown=12,
        note="These models look at all journeys as one, so they credit no single order, month or campaign: the share "
        "of credit of all days is taken of the orders of the days compared, and of first-ever orders alike. "
        "Participation gives each order to every channel it met, so its returns do not add up.",
        definition=facts.define(
            _SAME_DAYS, _compared(warehouse), "order of those days", many="orders of those days", money=True,
            lookback=True, model="of the whole", interval=f"95 %, bootstrap by person, "
            f"{facts.settings['interval_draws']} draws of the share; spend and orders are taken as they are",
        ),
    )  # fmt: skip
