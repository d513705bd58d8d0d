"""What causes orders, as far as anybody can tell: people with and without something, and what speaks against it."""

from __future__ import annotations

from typing import Any

from pipeline.reporting import channels, text
from pipeline.reporting.charts.forest import Estimate, Group, forest
from pipeline.reporting.facts import NOT_PEOPLE, Facts, Numbers
from pipeline.reporting.numbers.evidence import channels_numbers, converting_numbers, dropping_numbers, unsaid_numbers
from pipeline.reporting.page import Content, Figure
from pipeline.reporting.pages._trials import experiments_figure, points, revenue_table
from pipeline.reporting.sheet import Sheet
from pipeline.reporting.tables import Column, Table
from pipeline.warehouse import Warehouse

ORDER = 48
TITLE = "Evidence"
SUMMARY = "Credit says who was there; this says what there is to show that it made a difference."

INTERVAL = "95 %, by groups of people"
#: Verdict or evidence -> colour of its dot.
_FILLS = {"evidence of effect": "converted", "more often": "converted", "less often": "lost"}
_KINDS = {
    "channel": "Channels",
    "interaction": "What they did",
    "stage": "How far they were",
    "page": "Pages",
    "device": "Devices",
}
#: Warning -> why a difference must not be believed.
WARNINGS = {
    "bought_before": "had other orders before",
    "decided_before": "were about to buy before",
    "same_day": "part of buying that day",
    "unlike": "other kinds of people",
    "one_channel": "goes without one of the others",
}


def headline(warehouse: Warehouse, facts: Facts) -> str:
    """Say how many channels have evidence of an effect, and how many need a test."""
    found = [row["evidence"] for row in channels_numbers(warehouse)]
    if not found:
        return "No channels to compare yet."
    shown, confounded = found.count("evidence of effect"), found.count("confounded")
    test = f"; {confounded} cannot be told without a test" if confounded else ""
    has = "has" if shown == 1 else "have"
    return f"{shown} of {text.plural(len(found), 'channel')} {has} evidence of an effect{test}."


def content(warehouse: Warehouse, facts: Facts) -> Content:
    """Return the page."""
    unsaid = {row["outcome"]: row["drivers"] for row in unsaid_numbers(warehouse)}
    days, silence = facts.settings["effect_days"], facts.settings["first_order_idle_days"]
    return Content(
        figures=(
            _channels(warehouse, facts),
            experiments_figure(warehouse, facts),
            _drivers(
                facts,
                "converting",
                f"What goes along with an order within {days} days",
                converting_numbers(warehouse),
                draw_converting,
                unsaid.get("converting", 0),
            ),
            _drivers(
                facts,
                "dropping",
                f"What goes along with dropping out: neither a touch nor an order for {silence} days",
                dropping_numbers(warehouse),
                draw_dropping,
                unsaid.get("dropping", 0),
            ),
        ),
        tables=(revenue_table(warehouse, facts),),
    )


def draw_channels(numbers: Numbers, facts: Facts) -> Sheet:
    """Draw the difference of each channel with its interval."""
    rows = []
    for row in numbers:
        is_enough = row["difference"] is not None and text.enough(row["count_least"], facts.guard_n)
        label, evidence = channels.label(row["channel"]), row["evidence"]
        note = _note(row, facts)
        value, low, high = (
            (row["difference"], row["difference_low"], row["difference_high"]) if is_enough else (None, None, None)
        )
        tip = f"{label}: {points(value)} points ({points(low)} to {points(high)})"
        rows.append(
            Estimate(
                label, value, low, high, _FILLS.get(evidence, "faint"), note, tip, is_hollow=evidence == "confounded"
            )
        )
    return forest(
        [Group("", tuple(rows))],
        is_ratio=False,
        axis="points of the share who ordered; right of the line: more often than others",
        tick=lambda value: f"{value * 100:+.10g}" if value else "0",
    )


def _note(row: dict[str, Any], facts: Facts) -> str:
    """Say what the evidence is: why it is none, or that it comes from a hold-out, and in money where that is judged."""
    why = ", ".join(WARNINGS[name] for name in row["warnings"] or [] if name != "one_channel")
    if row["evidence"] == "confounded" and why:
        return f"not causal, test it: {why}"
    if row["basis"] != "hold-out":
        is_less = row["difference_high"] is not None and row["difference_high"] < 0
        said = "ordered less often" if is_less and row["evidence"] == "no effect shown" else str(row["evidence"])
        if row["difference"] is None or not text.enough(row["count_least"], facts.guard_n):
            return said
        low, high = points(row["difference_low"]), points(row["difference_high"])
        return f"{said}: {points(row['difference'])} ({low} to {high})"
    if row["revenue_difference"] is None or not text.enough(row["count_least"], facts.guard_n):
        return f"{row['evidence']}, by a hold-out"
    value, low, high = (f"{row[name]:+,.2f}" for name in ("revenue_difference", "revenue_low", "revenue_high"))
    return f"{row['evidence']}, by a hold-out: {value} {facts.currency} a person ({low} to {high})"


def draw_converting(numbers: Numbers, facts: Facts) -> Sheet:
    """Draw the odds ratios of an order."""
    return _draw(numbers, facts)


def draw_dropping(numbers: Numbers, facts: Facts) -> Sheet:
    """Draw the odds ratios of dropping out."""
    return _draw(numbers, facts)


def _draw(numbers: Numbers, facts: Facts) -> Sheet:
    groups = []
    for kind in dict.fromkeys(row["kind"] for row in numbers):
        rows = tuple(_estimate(row, facts) for row in numbers if row["kind"] == kind)
        groups.append(Group(_KINDS[kind], rows))
    return forest(groups, is_ratio=True, axis="odds with it, against those without", tick=_ratio)


def _ratio(value: float) -> str:
    return f"{value:.3g}" if value >= 1 else f"1/{1 / value:.3g}"


def _estimate(row: dict[str, Any], facts: Facts) -> Estimate:
    label = _name(row)
    if not text.enough(row["count_least"], facts.guard_n):
        return Estimate(label, None, None, None, "faint", text.too_few(row["count_least"]))
    low, high = row["odds_ratio_low"], row["odds_ratio_high"]
    said = f"{row['odds_ratio']:.2f} ({low:.2f} to {high:.2f})"
    why = ", ".join(WARNINGS[name] for name in row["warnings"] if name != "one_channel")
    note = f"{said} · {why or row['verdict']}"
    fill = _FILLS.get(row["verdict"], "warn" if row["verdict"] == "confounded" else "faint")
    is_hollow = row["verdict"] == "confounded"
    return Estimate(label, row["odds_ratio"], low, high, fill, note, f"{label}: {note}", is_hollow)


def _name(row: dict[str, Any]) -> str:
    written = row["driver"] if row["kind"] in ("channel", "page", "device") else text.words(row["driver"])
    return text.mask_email(text.clean(written))


def _channels(warehouse: Warehouse, facts: Facts) -> Figure:
    numbers = channels_numbers(warehouse)
    columns = (
        Column("channel", "Channel", "channel"),
        Column("evidence", "Evidence"),
        Column("basis", "From"),
        Column(
            "difference", "Difference (95 % interval)", "difference", low="difference_low", high="difference_high",
            n="count_least",
        ),
        *_money_column(numbers, facts),
        *_worth_columns(numbers, facts),
        Column("count_exposed", "With it", "count"),
        Column("count_unexposed", "Without it", "count"),
        Column("says", "Because", most=240),
    )  # fmt: skip
    return Figure(
        "channels",
        "Is there evidence that the channel itself brings orders?",
        numbers,
        draw_channels,
        facts.define(
            "Share of people's days with a channel that an order followed, less that of days with other channels: of "
            f"the same week, after the same activity in the {facts.settings['effect_days']} days before, by customers "
            "or not, with as many touches. Days with an order are left out. A channel pays for itself from the "
            "difference at which the orders it adds leave as much as its days of people cost.",
            sum(row["count_exposed"] for row in numbers), "day of a person with a channel",
            many="days of people with a channel", interval=INTERVAL, without=NOT_PEOPLE,
        ),
        Table("channels", "Evidence by channel", columns, numbers, source="marts.channel_evidence"),
        reading="Hollow: not causal, test it. Who is about to buy comes by such a channel anyway, so only keeping it "
        "from some people by chance (a hold-out) can tell. Channels are compared with one another, not with nothing.",
        empty="No channels to compare yet.",
        is_wide=True,
    )  # fmt: skip


def _money_column(numbers: Numbers, facts: Facts) -> tuple[Column, ...]:
    """Return the difference in money, where a hold-out is judged by it."""
    if all(row["revenue_difference"] is None for row in numbers):
        return ()
    name, n = f"Difference a person, {facts.currency}", "count_least"
    return (Column("revenue_difference", name, "mean", low="revenue_low", high="revenue_high", n=n),)


def _worth_columns(numbers: Numbers, facts: Facts) -> tuple[Column, ...]:
    """Return what a day with a channel costs and how much must come of it, where spend and margin are known."""
    known = (
        Column("day_cost", f"Spend per day of a person, {facts.currency}", "money", nothing=""),
        Column("order_worth", f"An order leaves, {facts.currency}", "money", nothing=""),
        Column("points_needed", "Pays for itself from", "share", n="count_least", nothing=""),
        Column("revenue_needed", f"From, {facts.currency} a person", "money", nothing=""),
        Column("pays", "Does it pay", nothing=""),
    )
    return tuple(column for column in known if any(row[column.key] is not None for row in numbers))


def _drivers(facts: Facts, name: str, title: str, numbers: Numbers, draw: Any, unsaid: int) -> Figure:
    n = "count_least"
    columns = (
        Column("kind", "Kind", "words"),
        Column("driver", "With", most=48),
        Column("verdict", "Verdict"),
        Column("odds_ratio", "Odds ratio (95 % interval)", "ratio", low="odds_ratio_low", high="odds_ratio_high", n=n),
        Column("crude_odds_ratio", "Plain odds ratio", "ratio", n=n),
        Column("phi", "Phi", "ratio", n=n),
        Column("exposed_rate", "Share with it", "share", n="count_least"),
        Column("unexposed_rate", "Share without it", "share", n="count_least"),
        Column("count_exposed", "Days with it", "count"),
        Column("count_unexposed", "Days without it", "count"),
        Column("warnings", "Warnings", "names"),
        Column("bought_before_odds_ratio", "Odds of an order before", "ratio", n=n),
        Column("decided_before_odds_ratio", "Odds of being about to buy before", "ratio", n=n),
        Column("same_day_odds_ratio", "Odds of an order that day", "ratio", n=n),
    )
    few = f" {text.plural(unsaid, 'other')} had too few days to say." if unsaid else ""
    return Figure(
        name,
        title,
        numbers,
        draw,
        facts.define(
            "Days of people with it, against days of others that were alike before. “More often” and “less often” are "
            f"said with a false discovery rate of 10 %.{few}",
            max((row["count_exposed"] + row["count_unexposed"] for row in numbers), default=0),
            "day of a person", many="days of people", interval=INTERVAL, without=NOT_PEOPLE,
        ),
        Table(name, title, columns, numbers, source="marts.drivers", shown=20),
        reading="Right of the dashed line: more often than others in the same situation. Hollow: the warning speaks "
        "against an effect. Even a full dot is no proof: what people did shows what they wanted.",
        empty="Too few days to compare yet.",
        is_wide=True,
    )  # fmt: skip
