"""Parts of the evidence page: experiments, read from the first exposure on."""

from __future__ import annotations

from typing import Any

from pipeline.reporting import text
from pipeline.reporting.charts.forest import Estimate, Group, forest
from pipeline.reporting.facts import NOT_PEOPLE, SHARES, Facts, Numbers
from pipeline.reporting.numbers.evidence import experiment_revenue_numbers, experiments_numbers
from pipeline.reporting.page import Figure
from pipeline.reporting.sheet import Sheet
from pipeline.reporting.tables import Column, Table
from pipeline.warehouse import Warehouse

_FILLS = {"higher": "converted", "lower": "lost"}
_WARNED = ("differed before", "arms are not as planned")
_N = "count_least"


def points(value: float | None) -> str:
    """Write a difference of shares in points."""
    return text.NOTHING if value is None else f"{value * 100:+.1f}"


def experiments_figure(warehouse: Warehouse, facts: Facts) -> Figure:
    """Return the difference of each arm to its control."""
    numbers = experiments_numbers(warehouse)
    people = sum(row["count_people"] for row in numbers)
    columns = (
        Column("experiment", "Experiment", most=32),
        Column("variant", "Arm", most=32),
        Column("verdict", "Verdict"),
        Column("value", "Share who ordered", "rate", low="value_low", high="value_high", n="count_people"),
        Column("difference", "Against the control", "difference", low="difference_low", high="difference_high", n=_N),
        Column("before_difference", "The same before", "difference", low="before_low", high="before_high", n=_N),
        *_people(),
    )
    return Figure(
        "experiments",
        "Experiments and hold-outs: what differs from the control",
        numbers,
        draw_experiments,
        facts.define(
            "People from their first exposure on, for the days of the experiment. Arms whose sizes are not what was "
            "planned (chi-square, p below 0.001) are not read. “Higher” and “lower” are said at p of at most 0.05, "
            "adjusted for the number of arms.",
            people, "person", many="people", interval=f"{SHARES}; of differences by Newcombe 1998",
            without=f"people in several arms, people whose days are not over, {NOT_PEOPLE}",
        ),
        Table(
            "experiments", "Arms by share who ordered", columns, numbers, source="marts.experiments",
            note="Name the control, the planned split, the days and the channel of a hold-out under experiments in "
            "journeys.yaml.",
        ),
        reading="The hollow mark is the same difference before the exposure: it should lie on the dashed line.",
        empty="No export names an experiment and an arm yet.",
        is_wide=True,
    )  # fmt: skip


def _people() -> tuple[Column, ...]:
    return (
        Column("count_people", "People", "count"),
        Column("count_not_over", "Days not over", "count"),
        Column("count_several", "In several arms", "count"),
        Column("expected_share", "Planned part", "share", n="count_assigned"),
        Column("ratio_p_value", "p of the sizes", "ratio", n="count_assigned"),
        Column("window_days", "Days", "count"),
        Column("channel", "Hold-out of", "channel", nothing=""),
    )


def draw_experiments(numbers: Numbers, facts: Facts) -> Sheet:
    """Draw the difference of each arm, and the same difference before the exposure."""
    groups = []
    for name in dict.fromkeys(row["experiment"] for row in numbers):
        arms = [row for row in numbers if row["experiment"] == name]
        control = next(row for row in arms if row["is_control"])
        several = control["count_several"]
        left_out = f", {text.count(several)} in several arms left out" if several else ""
        n = text.count(control["count_people"])
        title = f"{_label(name)} · control: {_label(control['variant'])} (n {n}{left_out})"
        rows = [estimate for row in arms if not row["is_control"] for estimate in _estimates(row, facts)]
        alone = Estimate(_label(control["variant"]), None, None, None, "faint", control["verdict"])
        groups.append(Group(title, tuple(rows) or (alone,)))
    return forest(
        groups,
        is_ratio=False,
        axis="points of the share who ordered, against the control",
        tick=lambda value: f"{value * 100:+.10g}" if value else "0",
    )


def _estimates(row: dict[str, Any], facts: Facts) -> list[Estimate]:
    label, verdict = _label(row["variant"]), row["verdict"]
    if row["difference"] is None or not text.enough(row[_N], facts.guard_n):
        said = verdict if verdict in _WARNED else text.too_few(row[_N])
        return [Estimate(label, None, None, None, "faint", said)]
    between = f"({points(row['difference_low'])} to {points(row['difference_high'])})"
    note = f"{verdict}: {points(row['difference'])} points {between}, n {text.count(row['count_people'])}"
    is_off = verdict in _WARNED
    before = f"before: {points(row['before_difference'])} points"
    return [
        Estimate(
            label, row["difference"], row["difference_low"], row["difference_high"], _FILLS.get(verdict, "faint"), note,
            f"{label}: {note}", is_hollow=is_off,
        ),
        Estimate(
            "", row["before_difference"], row["before_low"], row["before_high"], "warn" if is_off else "faint", before,
            f"{label}, {before}", is_hollow=True,
        ),
    ]  # fmt: skip


def _label(name: str) -> str:
    return text.mask_email(text.clean(name))


def revenue_table(warehouse: Warehouse, facts: Facts) -> Table:
    """Return the arms by revenue per person."""
    rows = experiment_revenue_numbers(warehouse)
    columns = (
        Column("experiment", "Experiment", most=32),
        Column("variant", "Arm", most=32),
        Column("verdict", "Verdict"),
        Column("value", f"Per person, {facts.currency}", "mean", low="value_low", high="value_high", n="count_people"),
        Column("difference", "Against the control", "mean", low="difference_low", high="difference_high", n=_N),
        Column("before_difference", "The same before", "mean", low="before_low", high="before_high", n=_N),
        Column("count_people", "People", "count"),
    )
    return Table(
        "experiment-revenue",
        "Arms by revenue per person",
        columns,
        rows,
        source="marts.experiments",
        definition=facts.define(
            "Revenue per person from the first exposure on, net of refunds; people who bought nothing count.",
            sum(row["count_people"] for row in rows), "person", many="people", money=True,
            interval="95 %, of means by Welch 1947", without="people in several arms, people whose days are not over",
        ),
    )  # fmt: skip
