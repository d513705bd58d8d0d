"""What stopping at a step of a funnel costs: the bar beside the step, and the table that says how it is made up."""

from __future__ import annotations

from typing import Any

from pipeline.reporting import text
from pipeline.reporting.charts import bars as lying
from pipeline.reporting.facts import NOT_PEOPLE, SHARES, Facts, Numbers
from pipeline.reporting.tables import Column, Table

INTERVAL = "of money 95 %, bootstrap by person, the reference rate held fixed on its safe side"
HEADING = "Revenue lost by stopping there: at least, hatched up to"


def rule(facts: Facts) -> str:
    """Say how a loss is worked out, and what it is set against."""
    return (
        "Lost: people who stopped, times the share who would have gone on at the reference rate (what the best "
        "comparable segment by device, landing page or country reaches with certainty), times the share of those that "
        f"buy, times the mean net order, without those who bought within {facts.settings['recovery_days']} days after "
        "all, in whatever way. Of the segments the one to fix first is named; they hold the same people, so nothing "
        "is added up. No loss shown: no segment falls behind the others by more than chance."
    )


def bar(row: dict[str, Any], facts: Facts) -> lying.Bar:
    """Draw what stopping at a step costs, or say why no money is said."""
    if row["loss"] != "lost":
        return lying.Bar((), row["loss"] or "")
    low, high = row["lost_revenue_low"], row["lost_revenue_high"]
    tip = f"{row['step']}, {_why(row, facts)}; {_cost(row, facts)}"
    written = f"{_cost(row, facts)} · {_short(text.clean(row['lost_segment']))}"
    return lying.Bar(((low, "lost", False), (high - low, "lost", True)), written, tip)


def _ends(low: float, high: float) -> str:
    return f"{text.count(low)}–{text.count(high)}"


def _short(segment: str) -> str:
    return segment if len(segment) <= 18 else f"{segment[:17]}…"


def table(numbers: Numbers, facts: Facts) -> Table:
    """Return what became of those who stopped at each step, and what it costs."""
    rows = [
        row | {"cost": _cost(row, facts), "why": _why(row, facts)}
        for row in numbers if row["loss"] or row["count_dropped"]
    ]  # fmt: skip
    columns = (
        Column("funnel", "Funnel", most=40),
        Column("step", "Stopped at"),
        Column("count_dropped", "Stopped", "count"),
        Column("back_share", "Came back", "rate", low="back_share_low", high="back_share_high", n="count_known"),
        Column(
            "recovered_share", "Bought after all", "rate",
            low="recovered_share_low", high="recovered_share_high", n="count_closed",
        ),
        Column("cost", "Stopping costs", nothing="", most=80),
        Column("why", "To fix first", nothing="", most=120),
    )  # fmt: skip
    return Table(
        "costs", "What stopping costs, step by step", columns, rows, shown=12, source="marts.recovered_later",
        note="Of funnels in any order, and behind a purchase, no loss is told.",
        definition=facts.define(
            f"{rule(facts)} People count once, by the way that stands for them, also in funnels of visits or entries. "
            f"Came back: anything seen of them within {facts.settings['drop_next_days']} days.",
            sum(row["count_dropped"] or 0 for row in rows), "stop", money=True,
            interval=f"{INTERVAL}; of shares {SHARES}", without=NOT_PEOPLE,
        ),
    )  # fmt: skip


def _cost(row: dict[str, Any], facts: Facts) -> str:
    if row["loss"] != "lost":
        return row["loss"] or ""
    return f"{facts.tile_money(row['lost_revenue'])} ({_ends(row['lost_revenue_low'], row['lost_revenue_high'])})"


def _why(row: dict[str, Any], facts: Facts) -> str:
    if row["loss"] != "lost":
        return ""
    went_on = text.rate(
        row["lost_rate"], row["lost_rate_low"], row["lost_rate_high"], row["lost_reached"], facts.guard_n
    )
    shown = f"{text.clean(row['reference_value'])} shows {text.share(row['reference_rate'])} at least"
    return f"{text.clean(row['lost_segment'])}: {went_on} go on, {shown}"
