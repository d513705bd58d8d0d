"""The step rates of the stages page: over all people, by first channel and by first month."""

from __future__ import annotations

from datetime import date
from typing import Any

from pipeline.reporting import channels, text
from pipeline.reporting.charts import dots as dotted
from pipeline.reporting.facts import FOUND, NOT_PEOPLE, SHARES, Facts, Numbers
from pipeline.reporting.numbers.stages import channel_steps_numbers, month_steps_numbers, step_rates_numbers
from pipeline.reporting.page import Figure
from pipeline.reporting.sheet import WIDE, Sheet
from pipeline.reporting.style import UNTRACKED, channel_variable
from pipeline.reporting.tables import Column, Table
from pipeline.warehouse import Warehouse

_EMPTY = "Nobody was seen at any stage yet."
_COLUMNS = (
    Column("previous_stage", "From stage", "words"),
    Column("stage", "To stage", "words"),
    Column("count_mature", "Went on", "count"),
    Column("step_rate", "Of decided people", "rate", low="step_rate_low", high="step_rate_high", n="count_decided"),
)


def draw_step_rates(numbers: Numbers, facts: Facts) -> Sheet:
    """Draw the share who went on."""
    rows = [dotted.Row(f"to {row['stage']}", (_rate(row, "Everybody"),)) for row in numbers]
    return dotted.dots(rows, ["Share of those at the stage before"], facts.guard_n, row_height=42)


def draw_channel_steps(numbers: Numbers, facts: Facts) -> Sheet:
    """Draw step rates by first channel."""
    rows = []
    for channel in dict.fromkeys(row["channel"] for row in numbers):
        label = channels.label(channel)
        mine = [row for row in numbers if row["channel"] == channel]
        rates = _by_stage(mine, numbers, label, channel_variable(channel))
        rows.append(dotted.Row(label, rates, is_apart=channel == UNTRACKED))
    return dotted.dots(rows, _headings(numbers), facts.guard_n, width=WIDE, shared_scale=False)


def draw_month_steps(numbers: Numbers, facts: Facts) -> Sheet:
    """Draw step rates by first month."""
    rows = []
    for month in dict.fromkeys(row["month"] for row in numbers):
        first = date.fromisoformat(f"{month}-01")
        mine = [row for row in numbers if row["month"] == month]
        rates = _by_stage(mine, numbers, text.month(first), "accent")
        rows.append(dotted.Row(text.month(first), rates, note=facts.month_note(first)))
    return dotted.dots(rows, _headings(numbers), facts.guard_n, width=WIDE, shared_scale=False)


def _rate(row: dict[str, Any], name: str, fill: str = "accent") -> dotted.Rate:
    step = f"{row['previous_stage']} to {row['stage']}"
    tip = f"{name}, {step}: {text.count(row['count_mature'])} of {text.count(row['count_decided'])} decided people"
    return dotted.Rate.of(row, "step_rate", "count_decided", fill=fill, tip=tip)


def _by_stage(mine: Numbers, numbers: Numbers, name: str, fill: str) -> tuple[dotted.Rate | None, ...]:
    found = {row["stage_index"]: _rate(row, name, fill) for row in mine}
    return tuple(found.get(index) for index in _stages(numbers))


def _stages(numbers: Numbers) -> list[int]:
    return sorted({row["stage_index"] for row in numbers})


def _headings(numbers: Numbers) -> list[str]:
    names = {row["stage_index"]: f"to {row['stage']}" for row in numbers}
    return [names[index] for index in _stages(numbers)]


def long_enough(facts: Facts) -> str:
    """Say who is counted in rates."""
    days = facts.settings["first_order_idle_days"]
    return f"Only people first seen more than {text.plural(days, 'day')} before the end of the data"


def _counted(facts: Facts) -> str:
    return (
        "Share of the people at the stage before who went on. "
        f"{long_enough(facts)} count: of later ones, just the quick have gone on yet."
    )


def _first(numbers: Numbers) -> int:
    """Return how many decided people there are at the first step."""
    index = min(_stages(numbers), default=0)
    return sum(row["count_decided"] for row in numbers if row["stage_index"] == index)


def overall(warehouse: Warehouse, facts: Facts) -> Figure:
    """Return the step rates of all people."""
    numbers = step_rates_numbers(warehouse)
    columns = (*_COLUMNS, Column("median_days_from_previous", "Median time", "days", n="count_timed"))
    return Figure(
        "step-rates",
        "Who goes on",
        numbers,
        draw_step_rates,
        facts.define(
            _counted(facts),
            _first(numbers),
            "person decided at the first stage",
            many="people decided at the first stage",
            interval=SHARES,
            without=NOT_PEOPLE,
        ),
        Table("step-rates", "Who goes on", columns, numbers, source="marts.stage_conversion"),
        empty=_EMPTY,
    )


def by_channel(warehouse: Warehouse, facts: Facts) -> Figure:
    """Return the step rates by first channel."""
    numbers = channel_steps_numbers(warehouse)
    columns = (
        Column("channel", "First channel", "channel"),
        *_COLUMNS,
        Column("verdict", "Against the others", nothing=""),
    )
    counted = f"{_counted(facts)} People by the channel of the first touch of their first journey. {FOUND}"
    return Figure(
        "channel-steps",
        "Who goes on, by the channel of the first touch",
        numbers,
        draw_channel_steps,
        facts.define(counted, _first(numbers), "person", many="people", interval=SHARES, without=NOT_PEOPLE),
        Table("channel-steps", "Step rates by first channel", columns, numbers, shown=16),
        reading=f"Each panel has its own scale. Hollow grey dots stand on fewer than {facts.guard_n} people.",
        empty=_EMPTY,
        is_wide=True,
    )


def by_month(warehouse: Warehouse, facts: Facts) -> Figure:
    """Return the step rates by first month."""
    numbers = month_steps_numbers(warehouse)
    columns = (
        Column("month", "First month"),
        *_COLUMNS,
        Column("mature_share", "Seen long enough", "share", n="count_previous"),
    )
    counted = f"{_counted(facts)} People by the month of their first journey."
    return Figure(
        "month-steps",
        "Who goes on, by the month people were first seen",
        numbers,
        draw_month_steps,
        facts.define(counted, _first(numbers), "person", many="people", interval=SHARES, without=NOT_PEOPLE),
        Table("month-steps", "Step rates by first month", columns, numbers, shown=16),
        reading=f"Hollow grey dots stand on fewer than {facts.guard_n} people.",
        empty=_EMPTY,
        is_wide=True,
    )
