"""How far people get on each declared way, who gets further, how it changes, and how long it takes."""

from __future__ import annotations

from typing import Any

from pipeline.reporting import text
from pipeline.reporting.charts import bars as lying
from pipeline.reporting.charts import curves as panels
from pipeline.reporting.charts import dots as dotted
from pipeline.reporting.charts.dots import Rate
from pipeline.reporting.facts import FOUND, NOT_PEOPLE, SHARES, Facts, Numbers
from pipeline.reporting.numbers import funnels as numbers_of
from pipeline.reporting.page import Content, Figure
from pipeline.reporting.pages import _costs
from pipeline.reporting.sheet import WIDE, Sheet
from pipeline.reporting.tables import Column, Table
from pipeline.warehouse import Warehouse

ORDER = 32
TITLE = "Funnels"
SUMMARY = "How far people get on each way you declare, what stopping costs, who gets further, and how long it takes."

_UNITS = {"people": ("person", "people"), "entries": ("entry", "entries"), "sessions": ("visit", "visits")}
_EMPTY = "Nobody is counted in a funnel yet."
_COMPLETE = "Rates count only those seen for a whole window: of later ones, just the quick have gone on yet."
_KM = "95 %, Kaplan and Meier with log-log ends"


def headline(warehouse: Warehouse, facts: Facts) -> str:
    """Say where most are lost on the way that the last declared funnel describes."""
    steps = [
        row for row in numbers_of.steps_numbers(warehouse)
        if row["step_rate"] is not None and text.enough(row["count_previous"], facts.guard_n)
    ]  # fmt: skip
    if not steps:
        return "Too few people have entered a funnel to say where most are lost."
    mine = [row for row in steps if row["funnel_index"] == steps[-1]["funnel_index"]]
    worst = min(mine, key=lambda row: (row["step_rate"], row["level"]))
    return (
        f"{text.clean(worst['funnel'])}: most are lost before {text.clean(worst['step'])}; "
        f"{text.share(worst['step_rate'])} of {text.count(worst['count_previous'])} go on "
        f"({text.interval(worst['step_rate_low'], worst['step_rate_high'])})."
    )


def _drawn(numbers: Numbers) -> list[Numbers]:
    """Return the rows of each funnel that is drawn."""
    indexes = list(dict.fromkeys(row["funnel_index"] for row in numbers))[: numbers_of.MOST_DRAWN]
    return [[row for row in numbers if row["funnel_index"] == index] for index in indexes]


def draw_steps(numbers: Numbers, facts: Facts) -> Sheet:
    """Draw who did each step, of those who got no further who still may, and what stopping there costs."""
    rows = []
    for place, mine in enumerate(_drawn(numbers)):
        for row in mine:
            is_first = row["level"] == mine[0]["level"]
            below = text.clean(row["funnel"]) if is_first else ""
            if row["is_missing"] is not None:
                told = (lying.Bar((), _refused(row)), lying.Bar((), ""))
                rows.append(lying.Row(text.clean(row["step"]), told, is_first and place > 0, below))
                continue
            went_on = min(row["count_next"], row["count_entries"])
            is_last = row["level"] == mine[-1]["level"]
            parts = (
                (float(row["count_entries"] if is_last else went_on), "accent", False),
                (0.0 if is_last else float(row["count_open"]), "open", True),
                (0.0 if is_last else float(max(row["count_entries"] - went_on - row["count_open"], 0)), "lost", False),
            )
            written = text.count(row["count_entries"])
            if not is_first:
                step = text.rate(
                    row["step_rate"], row["step_rate_low"], row["step_rate_high"], row["count_previous"], facts.guard_n
                )
                written += f" · {step}"
            still = text.count(row["count_open"])
            tip = f"{row['step']}: {text.count(row['count_entries'])}, of whom {still} still may go on"
            measures = (lying.Bar(parts, written, tip), _costs.bar(row, facts))
            rows.append(lying.Row(row["step"], measures, is_first and place > 0, below))
    legend = (("went on", "accent", False), ("still may", "open", True), ("stopped here", "lost", False))
    headings = ["How many did the step · share of those at the step before", _costs.HEADING]
    return lying.bars(rows, headings, width=WIDE, legend=legend, row_height=34, label_width=150)


def _refused(row: dict[str, Any]) -> str:
    """Say of a step of a funnel that is refused whether it is found."""
    if not row["is_missing"]:
        return "found, not counted: the funnel is refused"
    near = f"; the nearest there is: {text.clean(row['nearest_name'])}" if row["nearest_name"] else ""
    return text.shorten(f"not found{near}", 60)


def draw_segments(numbers: Numbers, facts: Facts) -> Sheet:
    """Draw the share who did every step, by segment."""
    rows, before = [], None
    for mine in _drawn(numbers):
        for row in mine:
            family = (row["funnel_index"], row["breakdown"], row["value_of"])
            tip = f"{row['funnel']}: {text.count(row['count_complete'])} of {text.count(row['count_anchor'])}"
            rate = Rate.of(row, "overall_rate", "count_anchor", tip=tip)
            label = f"{row['funnel']} · {row['breakdown_value']}"
            rows.append(dotted.Row(label, (rate,), is_apart=before is not None and family != before))
            before = family
    return dotted.dots(rows, ["Share of all who entered that did every step"], facts.guard_n, width=WIDE)


def draw_trends(numbers: Numbers, facts: Facts) -> Sheet:
    """Draw the share who did every step by the period in which they began."""
    found = []
    for mine in _drawn(numbers):
        steps = [
            panels.Step(place, f"{row['period']:%-d %b}", _period_rate(row), not row["is_complete"])
            for place, row in enumerate(mine)
        ]
        said = {"above": "rises", "below": "falls", "no difference shown": "no steady change shown"}
        note = said.get(mine[0]["verdict"] or "", "too few complete periods to test for a change")
        found.append(panels.Panel(mine[0]["funnel"], tuple(steps), note))
    return panels.shares(found, facts.guard_n)


def _period_rate(row: dict[str, Any]) -> Rate:
    so_far = "" if row["is_complete"] else ", so far"
    tip = f"{row['period']}: {text.count(row['count_converted'])} of {text.count(row['count_entries'])}{so_far}"
    return Rate.of(row, "converted_share", "count_entries", tip=tip)


def draw_times(numbers: Numbers, facts: Facts) -> Sheet:
    """Draw the share converted by then, over the window."""
    found = []
    for mine in _drawn(numbers):
        steps = []
        for row in mine:
            tip = f"within {text.days(row['days'])}: {text.share(row['converted_share'])} of those seen so long"
            rate = Rate.of(row, "converted_share", "count_seen", tip=tip)
            label = f"{row['days']:g} d" if row["part"] % 15 == 0 else ""
            steps.append(panels.Step(row["days"], label, rate))
        found.append(panels.Panel(mine[0]["funnel"], tuple(steps), _median(mine[0], facts)))
    return panels.curves(found, facts.guard_n)


def _median(row: dict[str, Any], facts: Facts) -> str:
    """Say after which time half have converted, or the mean time where half never do."""
    if not text.enough(row["count_entries"], facts.guard_n):
        return text.too_few(row["count_entries"])
    if row["median_days"] is None:
        return f"Fewer than half convert; {text.days(row['mean_days'])} on the way on average, non-buyers too"
    ends = [
        text.days(row[key]) if row[key] is not None else "longer than seen"
        for key in ("median_days_low", "median_days_high")
    ]
    return f"Half convert within {text.days(row['median_days'])} ({' to '.join(ends)})"


def content(warehouse: Warehouse, facts: Facts) -> Content:
    """Return the page."""
    given = numbers_of.definitions(warehouse)
    steps = numbers_of.steps_numbers(warehouse)
    return Content(
        (_steps(steps, given, facts), _segments(warehouse, given, facts), _trends(warehouse, given, facts),
         _times(warehouse, given, facts)),
        (_costs.table(steps, facts), _definitions(given, facts), _pairs(warehouse, facts)),
        {"notes": [note for row in given for note in _notes(row)]},
    )  # fmt: skip


def _cases(given: Numbers, key: str = "count_complete") -> list[tuple[float, str, str]] | int:
    """Return how many are counted in the largest funnel: the same people are in several, which add up to nothing."""
    if not given:
        return 0
    largest = max(given, key=lambda row: row[key] or 0)
    where = "" if len(given) == 1 else " in the largest funnel"
    one, many = _UNITS[largest["count_unit"]]
    return [(largest[key] or 0, f"{one}{where}", f"{many}{where}")]


def _steps(numbers: Numbers, given: Numbers, facts: Facts) -> Figure:
    columns = (
        Column("funnel", "Funnel", most=40), Column("step", "Step"), Column("count_entries", "Did it", "count"),
        Column("count_open", "Still may go on", "count"), Column("count_complete", "Did it, seen long enough", "count"),
        Column("step_rate", "Of the step before", "rate", low="step_rate_low", high="step_rate_high",
               n="count_previous"),
        Column("overall_rate", "Of all who entered", "rate", low="overall_rate_low", high="overall_rate_high",
               n="count_anchor"),
        Column("median_days_from_previous", "Median time", "days", n="count_timed"),
        Column("lost_revenue", f"Stopping costs, {facts.currency}", "mean", low="lost_revenue_low",
               high="lost_revenue_high", n="lost_reached"),
    )  # fmt: skip
    return Figure(
        "steps", "How far they get", numbers, draw_steps,
        facts.define(f"Those who did each step. {_COMPLETE} {_costs.rule(facts)}", _cases(given), money=True,
                     interval=f"{SHARES}; {_costs.INTERVAL}", without=NOT_PEOPLE),
        Table("steps", "Steps of the funnels", columns, numbers, shown=40, source="marts.funnel_steps"),
        empty=_EMPTY, is_wide=True,
        reading=_reading(given),
    )  # fmt: skip


def _reading(given: Numbers) -> str:
    said = [
        "A funnel counts who was seen doing each step, in its order and time. The page Stages counts everybody by how "
        "far they got, on any way, so its numbers are larger."
    ]
    if len(given) > numbers_of.MOST_DRAWN:
        said.append(f"The first {numbers_of.MOST_DRAWN} funnels are drawn; the table holds all.")
    return " ".join(said)


def _segments(warehouse: Warehouse, given: Numbers, facts: Facts) -> Figure:
    numbers = numbers_of.segments_numbers(warehouse)
    columns = (
        Column("funnel", "Funnel", most=40), Column("breakdown", "By", "words"), Column("value_of", "Value of"),
        Column("breakdown_value", "Value"), Column("count_anchor", "Entered", "count"),
        Column("overall_rate", "Did every step", "rate", low="overall_rate_low", high="overall_rate_high",
               n="count_anchor"),
        Column("verdict", "Steps, against the others", nothing="", most=80),
    )  # fmt: skip
    counted = f"Share who did every step, by the attribute at the step named. {_COMPLETE} {FOUND}"
    return Figure(
        "segments", "Who gets further", numbers, draw_segments,
        facts.define(counted, _cases(given), interval=SHARES, without=NOT_PEOPLE),
        Table("segments", "Segments", columns, numbers, shown=24),
        empty=_EMPTY, is_wide=True,
        reading=f"Hollow grey dots stand on fewer than {facts.guard_n} cases.",
    )  # fmt: skip


def _trends(warehouse: Warehouse, given: Numbers, facts: Facts) -> Figure:
    numbers = numbers_of.trends_numbers(warehouse)
    columns = (
        Column("funnel", "Funnel", most=40), Column("period", "Begun from", "day"),
        Column("count_entries", "Entered", "count"), Column("count_open", "Still may", "count"),
        Column("converted_share", "Did every step", "rate", low="converted_share_low", high="converted_share_high",
               n="count_entries"),
        Column("is_complete", "Complete", "flag"),
    )  # fmt: skip
    counted = (
        "Share who did every step, by when they began; who began in several periods counts in each. The test for a "
        "steady change (Cochran and Armitage, false discovery rate 10 %) leaves periods out that are not complete."
    )
    return Figure(
        "trends", "How it changes", numbers, draw_trends,
        facts.define(counted, sum(r["count_entries"] for r in numbers), "entry", many="entries", interval=SHARES,
                     without=NOT_PEOPLE),
        Table("trends", "Periods", columns, numbers, shown=16, source="marts.funnel_trends"),
        empty=_EMPTY, is_wide=True, reading="Hatched: not everybody of the period was seen for a whole window yet.",
    )  # fmt: skip


def _times(warehouse: Warehouse, given: Numbers, facts: Facts) -> Figure:
    numbers = numbers_of.times_numbers(warehouse)
    columns = (
        Column("funnel", "Funnel", most=40), Column("days", "Days since the first step", "decimal"),
        Column("converted_share", "Converted by then", "rate", low="converted_share_low", high="converted_share_high",
               n="count_seen"),
    )  # fmt: skip
    counted = "Share converted by then. Who is still on the way counts for as long as they were seen, not as lost."
    return Figure(
        "times", "How long it takes", numbers, draw_times,
        facts.define(counted, _cases(given, "count_entries"), interval=_KM, without=NOT_PEOPLE),
        Table("times", "Time to convert", columns, numbers, shown=12, source="marts.funnel_times"),
        empty=_EMPTY, is_wide=True,
    )  # fmt: skip


def _definitions(given: Numbers, facts: Facts) -> Table:
    rows = [row | {key: value(row) for key, value in _SAID.items()} for row in given]
    columns = (
        Column("funnel", "Funnel", most=40), Column("counts", "Counts", most=120), Column("order", "Order", most=120),
        Column("within", "Within", most=80), Column("exclusions", "Exclusions", most=120),
        Column("count_entries", "In it", "count"), Column("count_converted", "Did all", "count"),
        Column("count_open", "Open", "count"), Column("count_lost", "Lost", "count"),
    )  # fmt: skip
    return Table(
        "definitions", "How each funnel counts", columns, rows,
        definition=facts.define("As declared under funnels: in journeys.yaml, or as shipped.",
                                _cases(given, "count_entries"), without=NOT_PEOPLE),
    )  # fmt: skip


_ATTEMPTS = {
    "longest_then_earliest": "by the entry that gets furthest, the earliest of equal ones",
    "first": "by the first entry",
    "all": "all entries, overlapping ones too",
}  # fmt: skip
_ORDERS = {
    "loose": "in this order, others may lie between",
    "strict": "in this order, nothing between",
    "any": "any order",
}


def _exclusions(row: dict[str, Any]) -> str:
    if not row["count_exclusions"]:
        return "none"
    cut, removed = text.count(row["count_cut"]), text.count(row["count_removed"])
    return f"{row['count_exclusions']} ({row['how']}): {cut} cut, {removed} removed"


_SAID = {
    "counts": lambda row: f"{row['count_unit']}, {_ATTEMPTS[row['attempt']]}; entry {row['entry']}",
    "order": lambda row: (
        _ORDERS[row["mode"]]
        + f"; grace {row['grace_seconds']:g} s"
        + (f"; held: {', '.join(row['hold_constant'])}" if row["hold_constant"] else "")
    ),
    "within": lambda row: (
        f"{row['window_days']:g} days of the first step"
        + (f", {row['step_max_gap_days']:g} days of the step before" if row["step_max_gap_days"] else "")
    ),
    "exclusions": _exclusions,
}


def _notes(row: dict[str, Any]) -> list[str]:
    """Say what keeps a funnel from being whole."""
    name, notes = text.clean(row["funnel"]), []
    if row["unfound"]:
        notes.append(f"{name} is refused: nothing in the data fits {text.clean(row['unfound'])}. None of its steps is "
                     "counted. Write what the data has, or set optional: true at the step.")  # fmt: skip
    if row["left_out"] and row["count_steps"]:
        notes.append(f"{name}: left out, as nothing in the data fits: {text.clean(row['left_out'])}.")
    if row["is_window_longer"] and row["count_entries"]:
        notes.append(f"{name}: its window of {row['window_days']:g} days is longer than the data, so that nobody was "
                     "seen for all of it: entries are open, and there are no rates yet.")  # fmt: skip
    return notes


def _pairs(warehouse: Warehouse, facts: Facts) -> Table:
    rows = [
        row | {"points": _points(row, facts)}
        for row in numbers_of.pairs(warehouse)
    ]  # fmt: skip
    columns = (
        Column("funnel", "Funnel", most=40), Column("step", "To step"), Column("breakdown", "By", "words"),
        Column("breakdown_value", "Segment"), Column("other_value", "Set against"),
        Column("count_hits", "Went on", "count"), Column("count_cases", "Of", "count"),
        Column("other_hits", "Went on", "count"), Column("other_cases", "Of", "count"),
        Column("points", "Difference", most=60), Column("verdict", "Verdict"),
    )  # fmt: skip
    return Table(
        "pairs", "Two segments against each other", columns, rows,
        note="Pairs are named with compare: under breakdown: in journeys.yaml.",
        definition=facts.define(f"Share who went on to the step, first less second segment. {FOUND}",
                                sum(row["count_cases"] + row["other_cases"] for row in rows), "case",
                                interval="95 %, Newcombe", without=NOT_PEOPLE),
    )  # fmt: skip


def _points(row: dict[str, Any], facts: Facts) -> str:
    if not text.enough(row["count_least"], facts.guard_n):
        return text.too_few(row["count_least"])
    if row["difference"] is None:
        return text.NOTHING
    said = [f"{row[key] * 100:+.1f}" for key in ("difference", "difference_low", "difference_high")]
    return f"{said[0]} points ({said[1]} to {said[2]})"
