"""The drop-off page's rates and money: where people stop, and what to fix first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pipeline.reporting import channels, text
from pipeline.reporting.charts import heat as heated
from pipeline.reporting.charts import ranges as lying
from pipeline.reporting.facts import NOT_PEOPLE, SHARES, Facts, Numbers
from pipeline.reporting.numbers.drop_off import (
    all_losses_numbers,
    losses_numbers,
    stops_channel_numbers,
    stops_device_numbers,
    stops_page_numbers,
)
from pipeline.reporting.page import Figure
from pipeline.reporting.sheet import HALF, Sheet
from pipeline.reporting.tables import Column, Table
from pipeline.warehouse import Warehouse

_LOSSES = "marts.lost_revenue"
_INTERVAL = "95 %, bootstrap by person; the reference rate is held fixed, on its safe side"
_SEGMENT = (
    Column("breakdown", "By", "words"),
    Column("breakdown_value", "Segment"),
    Column("stage", "Stopped at", "words"),
)
#: Letters of a segment beside a bar: what it is lost between is never cut.
_LONGEST = 30
#: Share of a heat map that stands for too few cases: there is something, and no number.
_HARDLY = 1e-9


def step(row: dict[str, Any]) -> str:
    """Write the step that was not taken."""
    return f"{text.words(row['stage'])} to {row['next_stage']}"


def draw_losses(numbers: Numbers, facts: Facts) -> Sheet:
    """Draw lost revenue with its interval, what can be mended first, then by channel."""
    rows, begun = [], set()
    for row in numbers:
        kind = "By channel: who comes differs too" if row["is_channel"] else "What can be mended"
        rate = text.share(row["step_rate"])
        could = f"{rate} go on, {row['reference_value']} shows {text.share(row['reference_rate'])}"
        money, certain = facts.tile_money(row["lost_revenue"]), row["verdict"] == "lost"
        ends = f"{text.count(row['lost_revenue_low'])}–{text.count(row['lost_revenue_high'])}"
        tip = (
            f"{_segment(row)}, {step(row)}: {text.count(row['count_dropped'])} of {text.count(row['count_reached'])} "
            f"stopped; {could}; {money} ({ends}){'' if certain else ', which may be chance'}"
        )
        name = text.shorten(_segment(row), _LONGEST)
        rows.append(
            lying.Row(
                name, f"{step(row)}: {rate} ({text.share(row['reference_rate'])} at best)",
                row["lost_revenue"], row["lost_revenue_low"], row["lost_revenue_high"],
                "lost" if certain else "faint",
                f"{money} ({ends})" if certain else f"{money}, may be chance", tip,
                "" if kind in begun else kind,
            )
        )  # fmt: skip
        begun.add(kind)
    return lying.ranges(rows)


def _segment(row: dict[str, Any]) -> str:
    return channels.label(row["breakdown_value"])


def losses(warehouse: Warehouse, facts: Facts) -> Figure:
    """Return what to fix first."""
    numbers = losses_numbers(warehouse)
    return Figure(
        "losses",
        f"What to fix first: revenue lost, {facts.currency}",
        numbers,
        draw_losses,
        facts.define(
            "People who stopped, times the share who would have gone on at the rate that the best comparable segment "
            "reaches with certainty, times the share of those that buy, times the mean net order, without those who "
            f"bought within {facts.settings['recovery_days']} days after all. Segments differ in who comes, not only "
            "in how the step runs, so a change is best tested. The rows show the same people from several sides: they "
            "are not to be added.",
            _stops(all_losses_numbers(warehouse)), "stop", money=True,
            interval=_INTERVAL, without=NOT_PEOPLE,
        ),
        Table("losses", "What to fix first", _columns(facts), numbers, source=_LOSSES),
        empty=_why_none(warehouse),
        is_wide=True,
    )  # fmt: skip


def _stops(rows: Numbers) -> int:
    """Return how many stopped: every breakdown holds everybody."""
    return sum(row["count_dropped"] for row in rows if row["breakdown"] == "device")


def _why_none(warehouse: Warehouse) -> str:
    """Say why no loss is told."""
    verdicts = {row["verdict"] for row in all_losses_numbers(warehouse)}
    if not verdicts:
        return "Nobody has stopped long enough ago to say what was lost."
    if "at its reference" in verdicts:
        return "No segment runs below what the best one shows, so nothing is lost for certain."
    if "no order values" in verdicts:
        return "There are too few orders of a known value to put a price on stopping."
    return "Too few people have stopped long enough ago to say what was lost."


def _columns(facts: Facts) -> tuple[Column, ...]:
    return (
        *_SEGMENT,
        Column("step_rate", "Went on", "rate", low="step_rate_low", high="step_rate_high", n="count_reached"),
        Column("reference_value", "Best segment"),
        Column("reference_rate", "Shows at least", "share", n="count_reached"),
        Column(
            "lost_revenue", f"Lost, {facts.currency}", "mean",
            low="lost_revenue_low", high="lost_revenue_high", n="count_told",
        ),
        Column("verdict", "Verdict"),
    )  # fmt: skip


def table(warehouse: Warehouse, facts: Facts) -> Table:
    """Return lost revenue of every segment."""
    rows = all_losses_numbers(warehouse)
    return Table(
        "all-losses",
        "Revenue lost, every segment",
        _columns(facts),
        rows,
        shown=6,
        source=_LOSSES,
        definition=facts.define(
            "As above; on too few people or orders there is a rate and no money, and the verdict says why.",
            _stops(rows), "stop", money=True,
            interval=f"{_INTERVAL}; shares: {SHARES}", without=NOT_PEOPLE,
        ),
    )  # fmt: skip


def winnable(warehouse: Warehouse, facts: Facts) -> Table:
    """Return which part of those who stopped bought later, could be won, and could not."""
    rows = all_losses_numbers(warehouse)
    columns = (
        *_SEGMENT,
        Column("count_dropped", "Stopped", "count"),
        Column("recovered_share", "Bought later", "share", n="count_shared"),
        Column("addressable_share", "Could be won", "share", n="count_shared"),
        Column("not_recoverable_share", "Could not", "share", n="count_shared"),
        Column("lost_orders", "Orders lost", "decimal"),
    )
    return Table(
        "winnable",
        "Who could be won, every segment",
        columns,
        rows,
        shown=6,
        source=_LOSSES,
        note="Of those who stopped, the share who bought later, who could be won, and who could not, add up to all.",
        definition=facts.define(
            "Could be won: not bought later, and would have gone on at the rate that the best segment shows at least.",
            _stops(rows), "stop", without=NOT_PEOPLE,
        ),
    )  # fmt: skip


def draw_stops(numbers: Numbers, facts: Facts) -> Sheet:
    """Draw the share that stopped, segment by stage, the more the darker."""
    stages = dict.fromkeys((row["stage"], f"{text.words(row['stage'])}\nto {row['next_stage']}") for row in numbers)
    rows = [(value, channels.label(value)) for value in dict.fromkeys(row["breakdown_value"] for row in numbers)]
    cells = {}
    for row in numbers:
        n = row["count_reached"]
        said = text.rate(row["dropped_share"], row["dropped_share_low"], row["dropped_share_high"], n, facts.guard_n)
        is_enough = text.enough(n, facts.guard_n)
        tip = f"{channels.label(row['breakdown_value'])}, {step(row)}: {said} of {text.count(n)} stopped"
        written = (
            f"{text.share(row['dropped_share'])} of {text.compact(n)}" if is_enough else f"too few ({text.count(n)})"
        )
        cells[row["breakdown_value"], row["stage"]] = heated.Cell(
            max(row["dropped_share"], _HARDLY) if is_enough else _HARDLY, written, tip
        )
    return heated.heat(rows, list(stages), cells, fill="lost", width=HALF)


def heat_maps(warehouse: Warehouse, facts: Facts) -> Iterator[Figure]:
    """Yield where people stop by channel, device and landing page."""
    given = (
        ("channel", "Where people stop, by first channel", "Channel", stops_channel_numbers),
        ("device", "Where people stop, by device", "Device", stops_device_numbers),
        ("page", "Where people stop, by landing page", "Landing page", stops_page_numbers),
    )
    for name, title, heading, numbers_of in given:
        numbers = numbers_of(warehouse)
        columns = (
            Column("breakdown_value", heading, "channel" if name == "channel" else "text"),
            Column("stage", "Reached", "words"),
            Column("count_reached", "Got there", "count"),
            Column(
                "dropped_share", "Stopped", "rate",
                low="dropped_share_low", high="dropped_share_high", n="count_reached",
            ),
        )  # fmt: skip
        yield Figure(
            f"stops-{name}",
            title,
            numbers,
            draw_stops,
            facts.define(
                "Of those who got to a stage, the share whose attempt ended there without an order, whether they came "
                f"back later or not. Attempts whose {facts.settings['recovery_days']} days to come back are over.",
                sum(row["count_dropped"] for row in numbers), "stop", interval=SHARES, without=NOT_PEOPLE,
            ),
            Table(f"stops-{name}", title, columns, numbers, source=_LOSSES),
            empty="Nobody stopped long enough ago.",
        )  # fmt: skip
