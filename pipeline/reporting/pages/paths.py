"""Which way people take: flows by each kind of step, paths and their parts, how groups differ, how long it takes."""

from __future__ import annotations

from collections.abc import Callable

from pipeline.reporting import text
from pipeline.reporting.charts import columns as upright
from pipeline.reporting.charts import dots as dotted
from pipeline.reporting.facts import NOT_PEOPLE, SHARES, Facts, Numbers
from pipeline.reporting.numbers import paths as numbers_of
from pipeline.reporting.numbers.paths import (
    KINDS,
    MOST_STEPS,
    lags_numbers,
    last_lags_numbers,
    leaving,
    length_rates_numbers,
    lengths_numbers,
    whole_numbers,
)
from pipeline.reporting.page import Content, Figure
from pipeline.reporting.pages import _ways
from pipeline.reporting.pages._flows import draw_around, draw_backward, draw_forward
from pipeline.reporting.pages._ways import STEPS, rate, repeats
from pipeline.reporting.sheet import Sheet
from pipeline.reporting.tables import Column, Table
from pipeline.warehouse import Warehouse

ORDER = 20
TITLE = "Journey paths"
SUMMARY = "Which steps people take, in which order, where that leads, and how long it takes."

_TABS = {"channel": "Channels", "stage": "Stages", "page_group": "Pages", "interaction": "Interactions"}
_UNTIL = {1 / 24: "1 hour", 1.0: "1 day"}


def headline(warehouse: Warehouse, facts: Facts) -> str:
    """Say how many orders come after more than one step."""
    row = whole_numbers(warehouse)[0]
    n = row["count_converted"]
    if not text.enough(n, facts.guard_n):
        return f"{text.plural(n, 'journey')} with an order so far: {text.too_few(n)}."
    return (
        f"{text.share(row['longer_share'])} of journeys that end in an order pass more than one channel "
        f"({text.interval(row['longer_share_low'], row['longer_share_high'])})."
    )


def _steps(count: int) -> str:
    return f"{count} or more" if count == MOST_STEPS else text.plural(count, "step")


def draw_lengths(numbers: Numbers, facts: Facts) -> Sheet:
    """Draw journeys by number of steps and outcome."""
    bars = [
        upright.Column(
            f"{row['count_steps']}{'+' if row['count_steps'] == MOST_STEPS else ''}",
            ((row["count_converted"], "converted"), (row["count_open"], "open"), (row["count_lost"], "lost")),
            text.compact(row["count_journeys"]),
            f"{_steps(row['count_steps'])}: {text.count(row['count_converted'])} with an order, "
            f"{text.count(row['count_open'])} still open, {text.count(row['count_lost'])} lost",
        )
        for row in numbers
    ]
    return upright.columns(bars, legend=(("order", "converted"), ("still open", "open"), ("drop-off", "lost")))


def draw_length_rates(numbers: Numbers, facts: Facts) -> Sheet:
    """Draw the conversion rate by number of steps."""
    rows = []
    for row in numbers:
        ended = text.plural(row["count_ended"], "ended journey")
        tip = f"{_steps(row['count_steps'])}: {text.count(row['count_converted'])} of {ended}"
        rate = dotted.Rate.of(row, "conversion_rate", "count_ended", fill="converted", tip=tip)
        rows.append(dotted.Row(_steps(row["count_steps"]), (rate,)))
    return dotted.dots(rows, ["Share of ended journeys with an order"], facts.guard_n)


def draw_lags(numbers: Numbers, facts: Facts) -> Sheet:
    """Draw the share of journeys with an order by time, new customers beside returning ones."""
    kinds = sorted({row["customer_kind"] for row in numbers})
    rows = []
    for span in sorted({row["span"] for row in numbers if row["within_days"] is not None}):
        found = {row["customer_kind"]: row for row in numbers if row["span"] == span}
        rates = []
        for kind in kinds:
            row = found[kind]
            tip = (
                f"{_until(row['within_days'])}, {kind}: {text.plural(row['count_converted'], 'order')}, "
                f"{text.plural(row['count_open'], 'open journey')}, {text.count(row['count_at_risk'])} followed so long"
            )
            rates.append(dotted.Rate.of(row, "ordered_share", "count_at_risk", fill="converted", tip=tip))
        rows.append(dotted.Row(_until(next(iter(found.values()))["within_days"]), tuple(rates)))
    return dotted.dots(rows, [f"{text.words(kind)} customers" for kind in kinds], facts.guard_n)


def _until(days: float) -> str:
    return next((name for most, name in _UNTIL.items() if abs(days - most) < 1e-6), f"{days:g} days")


def content(warehouse: Warehouse, facts: Facts) -> Content:
    """Return the page."""
    compared = _ways.differences(warehouse, facts)
    return Content(
        figures=(
            *(_flow(warehouse, facts, kind, "forward") for kind in KINDS),
            _flow(warehouse, facts, "channel", "backward"),
            *(_flow(warehouse, facts, kind, "around") for kind in ("page_group", "interaction")),
            _lengths(warehouse, facts),
            _length_rates(warehouse, facts),
            _lags(warehouse, facts, "lags", "first touch", lags_numbers),
            _lags(warehouse, facts, "last-lags", "last touch", last_lags_numbers),
        ),
        tables=(
            *(_ways.paths(warehouse, facts, kind, end) for kind in KINDS for end in ("converted", "lost")),
            *(_ways.sub_paths(warehouse, facts, kind) for kind in KINDS),
            *(table for _, table in compared),
            *_ways.waits(warehouse, facts),
            _ways.effects(warehouse, facts),
            _ways.anchors(warehouse),
        ),
        values={
            "kinds": [(kind.replace("_", "-"), _TABS[kind]) for kind in KINDS],
            "compared": [(table.name, name) for name, table in compared],
        },
    )


_DRAWN: dict[str, tuple[str, str, str, Callable[[Numbers, Facts], Sheet]]] = {
    "forward": (
        "From the beginning on",
        "Bands are as thick as the journeys that go that way; those that end leave upwards with an order, downwards "
        "without. Rest the pointer on a band for its numbers.",
        "No journeys yet.",
        draw_forward,
    ),
    "backward": (
        "What led to an order",
        "Time runs to the right, into the order. “Began here” marks journeys without an earlier step.",
        "No orders yet.",
        draw_backward,
    ),
    "around": (
        "Before and after",
        "In the middle stands a step that paths.anchors in journeys.yaml names, or else the most common one; what came "
        "right before it is to the left, what came right after it to the right.",
        "Nobody has passed such a step yet.",
        draw_around,
    ),
}


def _flow(warehouse: Warehouse, facts: Facts, kind: str, form: str) -> Figure:
    name = form if kind == "channel" else f"{form}-{kind.replace('_', '-')}"
    numbers: Numbers = getattr(numbers_of, f"{name.replace('-', '_')}_numbers")(warehouse)
    title, reading, empty, draw = _DRAWN[form]
    if form == "around" and numbers:
        title = f"Before and after {text.shorten(text.mask_email(text.clean(numbers[0]['from_node'])), 40)}"
    columns = (
        *((Column("direction", "Direction"),) if form == "around" else ()),
        Column("step", "Step", "count"),
        Column("from_node", "From", "channel"),
        Column("to_node", "To", "channel"),
        Column("count_journeys", "Journeys", "count", bar=True),
        Column("revenue", f"Revenue of their orders, {facts.currency}", "money"),
    )
    counted = {
        "forward": "All journeys by",
        "backward": "Journeys that ended in an order, seen from it, by",
        "around": "Journeys that pass the step, from the first time they do, by",
    }[form]
    n = sum(row["count_journeys"] for row in numbers if row["step"] == 1 and row.get("direction") != "backward")
    return Figure(
        name,
        title,
        numbers,
        draw,
        facts.define(
            f"{counted} {STEPS[kind]}; {repeats(facts)}. "
            f"A journey is lost after {facts.idle()}; until then it is still open and never counted as lost.",
            n if form == "around" else leaving(numbers), "order" if form == "backward" else "journey", lookback=True,
            without=NOT_PEOPLE,
        ),
        Table(name, title, columns, numbers, source="marts.path_transitions", shown=15),
        reading=reading,
        empty=empty,
        is_wide=True,
        begins_at_end=form == "backward",
    )  # fmt: skip


def _lags(
    warehouse: Warehouse, facts: Facts, name: str, begin: str, numbers_from: Callable[[Warehouse], Numbers]
) -> Figure:
    numbers = numbers_from(warehouse)
    title = f"How soon after the {begin} an order comes"
    columns = (
        Column("customer_kind", "Customers", "words"),
        Column("within_days", "Within days", "decimal", nothing="later"),
        Column("count_converted", "Orders in this span", "count"),
        Column("count_open", "Open, waiting so long", "count"),
        Column("count_at_risk", "Followed so long", "count"),
        rate("ordered_share", "With an order by then", "count_at_risk"),
    )
    return Figure(
        name,
        title,
        numbers,
        draw_lags,
        facts.define(
            "Share of journeys with an order by then, estimated from all journeys with a touch (Kaplan and Meier): "
            "those without an order count until the end of the data and are censored there, open ones too.",
            sum(row["count_converted"] for row in numbers), "order", lookback=True,
            interval="95 %, Greenwood's variance on the scale of log(-log)", without=NOT_PEOPLE,
        ),
        Table(name, title, columns, numbers, source="marts.path_lags"),
        reading="n is how many journeys are followed so long without an order before; where few are, nothing is said.",
        empty="No journeys yet.",
    )  # fmt: skip


def _lengths(warehouse: Warehouse, facts: Facts) -> Figure:
    numbers = lengths_numbers(warehouse)
    columns = (
        Column("count_steps", "Steps", "count"),
        Column("count_journeys", "Journeys", "count"),
        Column("count_converted", "With an order", "count"),
        Column("count_open", "Still open", "count"),
        Column("count_lost", "Lost", "count"),
    )
    return Figure(
        "lengths",
        "How many steps journeys take",
        numbers,
        draw_lengths,
        facts.define(
            "Journeys with at least one touch, by number of steps; touches of one channel in a row are one step.",
            sum(row["count_journeys"] for row in numbers), "journey", without=NOT_PEOPLE,
        ),
        Table("lengths", "How many steps journeys take", columns, numbers),
        empty="No journeys yet.",
    )  # fmt: skip


def _length_rates(warehouse: Warehouse, facts: Facts) -> Figure:
    numbers = length_rates_numbers(warehouse)
    columns = (
        Column("count_steps", "Steps", "count"),
        Column("count_ended", "Ended", "count"),
        Column("count_converted", "With an order", "count"),
        rate("conversion_rate", "Conversion rate", "count_ended"),
    )
    return Figure(
        "length-rates",
        "How often journeys of each length end in an order",
        numbers,
        draw_length_rates,
        facts.define(
            "Journeys with an order among those that ended, with an order or in silence; open ones are left out.",
            sum(row["count_ended"] for row in numbers), "ended journey", interval=SHARES, without=NOT_PEOPLE,
        ),
        Table("length-rates", "Orders by number of steps", columns, numbers),
        reading="Who means to buy comes back more often: longer paths can convert better without being the reason.",
        empty="No journeys yet.",
    )  # fmt: skip
