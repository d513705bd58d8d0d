"""What advertising platforms claim, beside what is credited to their channels and what was booked."""

from __future__ import annotations

from typing import Any

from pipeline.reporting import channels, text
from pipeline.reporting.charts import bars
from pipeline.reporting.facts import NOT_ORDERS, Facts, Numbers
from pipeline.reporting.numbers.money import claim_months_numbers, claims_numbers
from pipeline.reporting.page import Figure
from pipeline.reporting.sheet import WIDE, Sheet
from pipeline.reporting.tables import Column, Table
from pipeline.warehouse import Warehouse

ALL_PLATFORMS = "(all platforms)"


def _is_all(row: dict[str, Any]) -> bool:
    return row["platform"] == ALL_PLATFORMS


def draw_claims(numbers: Numbers, facts: Facts) -> Sheet:
    """Draw for each platform what it claims and what is credited to its channels, and what was booked below."""
    rows = []
    for row in numbers:
        name = "All together" if row["platform"] == ALL_PLATFORMS else channels.label(row["platform"])
        claims, value = row["claimed_conversions"], row["claimed_value"]
        if claims is not None:
            said = f"{name}, claimed", "Claimed by the platform"
            rows.append(_claim_row(*said, claims, value, "lost", facts, is_apart=row["platform"] == ALL_PLATFORMS))
        range_ = f"{text.decimal(row['credited_orders_least'])} to {text.decimal(row['credited_orders_most'])} by model"
        credited = row["credited_orders"], row["credited_revenue"]
        rows.append(_claim_row(f"{name}, credited", f"Credited to its channels, {range_}", *credited, "accent", facts))
        if row["platform"] == ALL_PLATFORMS:
            booked = row["booked_orders"], row["charged"]
            rows.append(_claim_row("Booked", "Booked on those days, whatever led to it", *booked, "converted", facts))
    return bars.bars(rows, ("Orders", f"Value, {facts.currency}"), width=WIDE, label_width=230)


def _claim_row(
    label: str, tip: str, orders: float, value: Any, fill: str, facts: Facts, *, is_apart: bool = False
) -> bars.Row:
    written, worth = text.exact(round(float(orders), 1)), facts.money(value)
    drawn_bars = (
        bars.plain(float(orders), fill, written, f"{tip}: {written} orders"),
        bars.plain(float(value or 0), fill, text.count(value or 0), f"{tip}: {worth}"),
    )
    return bars.Row(label, drawn_bars, is_apart)


def claims_figure(warehouse: Warehouse, facts: Facts) -> Figure:
    numbers, title = claims_numbers(warehouse), "What platforms claim, what is credited to them, and what was booked"
    columns = (
        Column("platform", "Platform"),
        Column("count_days", "Days", "count"),
        Column("claimed_conversions", "Orders claimed", "exact"),
        Column("claimed_value", f"Value claimed, {facts.currency}", "money"),
        Column("credited_orders", "Orders credited to its channels", "decimal"),
        Column("credited_orders_least", "Least, by model", "decimal"),
        Column("credited_orders_most", "Most, by model", "decimal"),
        Column("credited_revenue", f"Revenue credited, {facts.currency}", "money"),
        Column("booked_orders", "Orders booked", "count"),
        Column("charged", f"Charged for them, {facts.currency}", "money"),
        Column("double_claims_least", "Claimed twice or never made, at least", "exact"),
        Column("double_value_least", f"Value of it, at least, {facts.currency}", "money"),
        Column("claim_bases", "Claims are", "names"),
        Column("source_currencies", "Exported in", "names"),
    )
    total = next((row for row in numbers if row["platform"] == ALL_PLATFORMS), None)
    return Figure(
        "claims",
        title,
        numbers,
        draw_claims,
        facts.define(
            "Claims are the sums of the exports. Each platform counts by its own rules and knows nothing of the "
            "others, so one order is claimed by several. Charged: goods, tax and shipping before refunds.",
            total["booked_orders"] if total else 0, "order booked", many="orders booked", money=True,
            model=facts.model(), lookback=True, without=NOT_ORDERS,
            since=total["first_day"] if total else None, until=total["last_day"] if total else None,
        ),
        Table("claims", title, columns, numbers, apart=_is_all, source="marts.claims"),
        reading=double_claims(total, facts),
        empty="No platform's export is there.",
        is_wide=True,
    )  # fmt: skip


def double_claims(total: dict[str, Any] | None, facts: Facts) -> str:
    """Say how many claims must be of orders claimed twice or never made; nothing when no platform claims any."""
    if total is None or total["double_claims_least"] is None:
        return ""
    if not total["double_claims_least"] and not total["double_value_least"]:
        return (
            "Claims do not add up to more than was booked, so no order is proved to be claimed twice; "
            "many may be: compare the claims with what is credited."
        )
    return (
        f"At least {text.exact(total['double_claims_least'])} orders and {facts.money(total['double_value_least'])} "
        "are claimed twice or were never booked: the claims are more than all that was booked on these days and up to "
        f"{text.plural(facts.settings['claim_days'], 'day')} later."
    )


def claim_months_table(warehouse: Warehouse, facts: Facts) -> Table:
    columns = (
        Column("month", "Month", "month"),
        Column("platform", "Platform"),
        Column("spend", f"Spend, {facts.currency}", "money"),
        Column("claimed_conversions", "Orders claimed", "exact"),
        Column("claimed_value", f"Value claimed, {facts.currency}", "money"),
        Column("credited_orders", "Orders credited to its channels", "decimal"),
        Column("credited_orders_most", "Most, by model", "decimal"),
        Column("booked_orders", "Orders booked", "count"),
        Column("claimable_orders", "Orders they can be of", "count"),
        Column("double_claims_least", "Too many, at least", "exact"),
        Column("double_value_least", f"Value of it, at least, {facts.currency}", "money"),
        Column("count_days", "Days compared", "count"),
        Column("is_comparable", "Whole month", "flag"),
    )
    days = text.plural(facts.settings["claim_days"], "day")
    return Table(
        "claim-months",
        "Claims by month",
        columns,
        claim_months_numbers(warehouse),
        apart=_is_all,
        source="marts.claims",
        shown=12,
        note=f"Too many: claims of orders claimed twice or never made. A platform may date a claim by its click, so "
        f"claims can be of orders up to {days} after (money.claim_days). Only a month that is over and that all "
        "exports and the order books cover is compared.",
    )
