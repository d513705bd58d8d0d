"""The drop-off page's stops: who bought later, where, and what people did next."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pipeline.reporting import text
from pipeline.reporting.charts import bars as lying
from pipeline.reporting.facts import NOT_PEOPLE, SHARES, Facts, Numbers
from pipeline.reporting.numbers.drop_off import (
    next_numbers,
    next_place_numbers,
    recovered_by_numbers,
    recovered_numbers,
)
from pipeline.reporting.page import Figure
from pipeline.reporting.sheet import WIDE, Sheet
from pipeline.reporting.tables import Column, Table
from pipeline.warehouse import Warehouse

_RECOVERED, _NEXT = "marts.recovered_later", "marts.next_steps"
_STAGE = Column("reached", "Stopped at", "words")
_STORE = Column("store_share", "In a store", "rate", low="store_share_low", high="store_share_high", n="count_closed")
_TIME = Column("median_days", "Median time until then", "days", n="count_stops")
#: Column, what it is called, and its colour.
_FATES = (
    ("count_online", "bought on line", "accent"),
    ("count_store", "bought in a store", "converted"),
    ("count_other", "bought elsewhere", "more"),
    ("count_not", "did not buy", "faint"),
)
#: What came next -> what it is called and its colour; anything else is a contact.
_ACTIONS = {
    "bought_online": ("bought on line", "accent"),
    "bought_store": ("bought in a store", "converted"),
    "bought_other": ("bought elsewhere", "more"),
    "visit": ("came back to the site", "open"),
    "nothing": ("nothing", "faint"),
}
_CONTACT = "start"


def _share(heading: str) -> Column:
    return Column("stops_share", heading, "rate", low="stops_share_low", high="stops_share_high", n="count_known")


def unit(facts: Facts) -> str:
    """Say what one stop is."""
    return (
        f"Attempts to buy that ended without an order: nothing followed for {facts.settings['drop_pause_hours']} hours."
        " Until an order or a long silence somebody counts once a stage, where they first got that far."
    )


def action(name: str) -> str:
    """Write what came next."""
    return _ACTIONS[name][0] if name in _ACTIONS else text.words(name).lower()


def draw_recovered(numbers: Numbers, facts: Facts) -> Sheet:
    """Draw what became of those who stopped, a bar for each stage and window."""
    rows = []
    for row in numbers:
        n, days = row["count_closed"], f"{row['window_days']} days"
        label = f"{text.words(row['reached'])} · {days}"
        if not text.enough(n, facts.guard_n):
            still = f", {text.count(row['count_open'])} still have time" if row["count_open"] else ""
            rows.append(lying.Row(label, (lying.Bar((), text.too_few(n) + still),)))
            continue
        said = text.rate(
            row["recovered_share"], row["recovered_share_low"], row["recovered_share_high"], n, facts.guard_n
        )
        parts = tuple((row[key] / n, fill, False) for key, _, fill in _FATES)
        fates = ", ".join(f"{text.count(row[key])} {name}" for key, name, _ in _FATES)
        tip = f"{label}: of {text.count(n)} who stopped, {fates}; {text.count(row['count_open'])} still have time"
        rows.append(lying.Row(label, (lying.Bar(parts, f"{said} bought", tip),)))
    legend = tuple((name, fill, False) for _, name, fill in _FATES)
    return lying.bars(rows, ["Of those whose days are over"], legend=legend, width=WIDE)


def recovered(warehouse: Warehouse, facts: Facts) -> Figure:
    """Return who stopped and bought later."""
    numbers = recovered_numbers(warehouse)
    closed = sum(row["count_closed"] for row in numbers if row["window_days"] == facts.settings["recovery_days"])
    columns = (
        _STAGE,
        Column("window_days", "Within days", "count"),
        Column("count_dropped", "Stopped", "count"),
        Column("count_online", "Bought on line", "count"),
        Column("count_store", "In a store", "count"),
        Column("count_other", "Elsewhere", "count"),
        Column("count_not", "Did not buy", "count"),
        Column("count_open", "Still have time", "count"),
        Column(
            "recovered_share", "Bought later", "rate",
            low="recovered_share_low", high="recovered_share_high", n="count_closed",
        ),
        _STORE,
        Column("revenue", f"Worth, {facts.currency}", "money"),
    )  # fmt: skip
    return Figure(
        "recovered",
        "Who bought later after all",
        numbers,
        draw_recovered,
        facts.define(
            f"{unit(facts)} Bought on line, in a store or elsewhere within the days named; who still has time is left "
            "out of the shares, whether they have bought or not.",
            closed, "stop", money=True, interval=SHARES, without=NOT_PEOPLE,
        ),
        Table("recovered", "Who bought later after all", columns, numbers, source=_RECOVERED),
        empty="Nobody has stopped on the way to an order yet.",
        is_wide=True,
    )  # fmt: skip


def draw_next(numbers: Numbers, facts: Facts) -> Sheet:
    """Draw what came next after each stage, a bar each."""
    rows = []
    for stage in dict.fromkeys(row["reached"] for row in numbers):
        here = [row for row in numbers if row["reached"] == stage]
        n = here[0]["count_known"]
        if not text.enough(n, facts.guard_n):
            rows.append(lying.Row(text.words(stage), (lying.Bar((), text.too_few(n)),)))
            continue
        parts = tuple((row["count_stops"] / n, _fill(row), False) for row in here)
        tip = f"{text.words(stage)}, {text.plural(n, 'stop')}: " + ", ".join(
            f"{action(row['action'])} {text.share(row['stops_share'])}" for row in here
        )
        back = next((row["stops_share"] for row in here if row["action"] == "nothing"), 0.0)
        rows.append(
            lying.Row(text.words(stage), (lying.Bar(parts, f"{text.share(1 - back)} of {text.count(n)}", tip),))
        )
    legend = (*((name, fill, False) for name, fill in _ACTIONS.values()), ("got in touch", _CONTACT, False))
    heading = "The very next thing; the share says for how many there was one"
    return lying.bars(rows, [heading], legend=legend, width=WIDE, row_height=32)


def _fill(row: dict[str, Any]) -> str:
    return _ACTIONS.get(row["action"], ("", _CONTACT))[1]


def next_actions(warehouse: Warehouse, facts: Facts) -> Figure:
    """Return what people did next after they had stopped."""
    numbers = next_numbers(warehouse)
    known = {row["reached"]: row["count_known"] for row in numbers if not row["is_cart"]}
    columns = (
        _STAGE,
        Column("action", "What came next", "words"),
        Column("count_stops", "Stops", "count"),
        _share("Share"),
        _TIME,
    )
    return Figure(
        "next",
        "What they did next",
        numbers,
        draw_next,
        facts.define(
            f"{unit(facts)} The first thing seen of them within {facts.settings['drop_next_days']} days after. "
            "Carts, checkouts and payments that were left are told apart below the stages, and not added to them.",
            sum(known.values()), "stop", interval=SHARES, without=NOT_PEOPLE,
        ),
        Table("next", "What they did next", columns, numbers, source=_NEXT),
        empty="Nobody stopped long enough ago to say what they did next.",
        is_wide=True,
    )  # fmt: skip


def places(warehouse: Warehouse, facts: Facts) -> Iterator[Table]:
    """Yield through which channels and on which pages people came back."""
    given = (("channel", "Channels they came back through", "Channel"), ("page", "Pages they came back to", "Page"))
    for breakdown, title, heading in given:
        rows = next_place_numbers(warehouse, breakdown)
        yield Table(
            f"next-{breakdown}s",
            title,
            (
                Column("breakdown_value", heading, "channel" if breakdown == "channel" else "text"),
                _STAGE,
                Column("count_stops", "Stops", "count"),
                _share("Of all stops"),
                _TIME,
            ),
            rows,
            shown=6,
            source=_NEXT,
            definition=facts.define(
                f"{unit(facts)} Their next touch within {facts.settings['drop_next_days']} days.",
                sum(row["count_stops"] for row in rows), "return", interval=SHARES, without=NOT_PEOPLE,
            ),
        )  # fmt: skip


def breakdowns(warehouse: Warehouse, facts: Facts) -> Iterator[Table]:
    """Yield who bought later by last page, last channel, last thing done, device and month."""
    given = (
        ("last_page", "Last pages before they stopped", "Page", "text"),
        ("channel", "Who bought later, by last channel", "Channel", "channel"),
        ("last_interaction", "Last things done before they stopped", "Interaction", "words"),
        ("device", "Who bought later, by device", "Device", "text"),
        ("month", "Who bought later, by month", "Month", "text"),
    )
    days = facts.settings["recovery_days"]
    for breakdown, title, heading, kind in given:
        rows = recovered_by_numbers(warehouse, breakdown)
        yield Table(
            f"recovered-{breakdown.replace('_', '-')}",
            title,
            (
                Column("breakdown_value", heading, kind),
                _STAGE,
                Column("count_dropped", "Stopped", "count"),
                Column("count_open", "Still have time", "count"),
                Column(
                    "recovered_share", f"Bought within {days} days", "rate",
                    low="recovered_share_low", high="recovered_share_high", n="count_closed",
                ),
                _STORE,
            ),
            rows,
            shown=6,
            source=_RECOVERED,
            definition=facts.define(
                unit(facts), sum(row["count_dropped"] for row in rows), "stop", interval=SHARES, without=NOT_PEOPLE
            ),
        )  # fmt: skip
