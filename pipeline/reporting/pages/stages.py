"""How far people get, what share goes on at each stage, and what open journeys wait for."""

from __future__ import annotations

from pipeline.reporting import text
from pipeline.reporting.charts import bars as lying
from pipeline.reporting.facts import NOT_PEOPLE, SHARES, Facts, Numbers
from pipeline.reporting.numbers.stages import (
    funnel_numbers,
    meanings,
    step_rates_numbers,
    waiting_numbers,
)
from pipeline.reporting.page import Content, Figure
from pipeline.reporting.pages import _steps
from pipeline.reporting.sheet import Sheet
from pipeline.reporting.tables import Column, Table
from pipeline.warehouse import Warehouse

ORDER = 30
TITLE = "Stages"
SUMMARY = "How far people get on the way to an order and beyond, and what open journeys wait for."

_CONVERSION, _DROP_OFF = "marts.stage_conversion", "marts.drop_off"
_STAGE = Column("stage", "Stage", "words")


def headline(warehouse: Warehouse, facts: Facts) -> str:
    """Say which step loses the largest share of people."""
    steps = [
        row
        for row in step_rates_numbers(warehouse)
        if row["stage"] != "retention" and text.enough(row["count_decided"], facts.guard_n)
    ]
    if not steps:
        return "Too few people to say at which step most are lost."
    worst = min(steps, key=lambda row: (row["step_rate"], row["stage_index"]))
    return (
        f"Most people are lost between {worst['previous_stage']} and {worst['stage']}: "
        f"{text.share(worst['step_rate'])} of {text.count(worst['count_decided'])} go on "
        f"({text.interval(worst['step_rate_low'], worst['step_rate_high'])})."
    )


def draw_funnel(numbers: Numbers, facts: Facts) -> Sheet:
    """Draw the people at each stage, and what became of them."""
    rows = []
    for row in numbers:
        is_last = row["stage_index"] == numbers[-1]["stage_index"]
        parts = (
            (float(row["count_people"] if is_last else row["count_went_on"]), "accent", False),
            (0.0 if is_last else float(row["count_open"]), "open", True),
            (float(row["count_stopped"]), "lost", False),
        )
        tip = (
            f"{text.words(row['stage'])}: {text.plural(row['count_people'], 'person', 'people')}; "
            f"{text.count(row['count_went_on'])} went on, "
            f"{text.count(row['count_open'])} still may, {text.count(row['count_stopped'])} stopped here"
        )
        written = text.with_share(row["count_people"], row["overall_rate"], row["count_anchor"], facts.guard_n)
        rows.append(lying.Row(text.words(row["stage"]), (lying.Bar(parts, written, tip),)))
    legend = (("went on", "accent", False), ("still may", "open", True), ("stopped here", "lost", False))
    return lying.bars(rows, ["People who reached the stage"], legend=legend, row_height=42)


def draw_waiting(numbers: Numbers, facts: Facts) -> Sheet:
    """Draw what open journeys wait for."""
    rows = []
    for row in numbers:
        written = text.with_share(row["count_journeys"], row["journeys_share"], row["count_outcome"], facts.guard_n)
        tip = text.plural(row["count_journeys"], "open journey")
        bar = lying.plain(row["count_journeys"], "open", written, tip, hatched=True)
        rows.append(lying.Row(text.words(row["waits_for"]), (bar,)))
    return lying.bars(rows, ["Open journeys whose next stage it is"], row_height=34)


def content(warehouse: Warehouse, facts: Facts) -> Content:
    """Return the page."""
    return Content(
        figures=(
            _funnel(warehouse, facts),
            _steps.overall(warehouse, facts),
            _steps.by_channel(warehouse, facts),
            _steps.by_month(warehouse, facts),
            _waiting(warehouse, facts),
        ),
        values={
            "idle": facts.idle(),
            "stages": meanings(warehouse),
        },
    )


def _funnel(warehouse: Warehouse, facts: Facts) -> Figure:
    numbers = funnel_numbers(warehouse)
    columns = (
        _STAGE,
        Column("count_people", "People", "count"),
        Column("count_went_on", "Went on", "count"),
        Column("count_open", "Still may", "count"),
        Column("count_stopped", "Stopped here", "count"),
        Column(
            "overall_rate",
            "Of those seen long enough",
            "rate",
            low="overall_rate_low",
            high="overall_rate_high",
            n="count_anchor",
        ),
        Column("skipped_share", "Without evidence", "share", n="count_people"),
        Column("median_days_from_previous", "Median time to it", "days", n="count_timed"),
    )
    return Figure(
        "funnel",
        "How far people get",
        numbers,
        draw_funnel,
        facts.define(
            "People who reached a stage, with or without evidence of those before it. "
            "Who is still under way and got no further may still go on. "
            f"{_steps.long_enough(facts)} count for the share.",
            numbers[0]["count_everybody"] if numbers else 0, "person", many="people",
            interval=SHARES, without=NOT_PEOPLE,
        ),
        Table("funnel", "How far people get", columns, numbers, source=_CONVERSION),
        empty="Nobody was seen at any stage yet.",
    )  # fmt: skip


def _waiting(warehouse: Warehouse, facts: Facts) -> Figure:
    numbers = waiting_numbers(warehouse)
    columns = (
        Column("waits_for", "Waits for", "words"),
        Column("count_journeys", "Open journeys", "count"),
        Column(
            "journeys_share",
            "Share of all open",
            "rate",
            low="journeys_share_low",
            high="journeys_share_high",
            n="count_outcome",
        ),
    )
    return Figure(
        "waiting",
        "What open journeys wait for",
        numbers,
        draw_waiting,
        facts.define(
            "Journeys that may still end in an order, by the stage that would come next.",
            numbers[0]["count_outcome"] if numbers else 0, "open journey", interval=SHARES, without=NOT_PEOPLE,
        ),
        Table("waiting", "What open journeys wait for", columns, numbers, source=_DROP_OFF),
        empty="No journey is open.",
    )  # fmt: skip
