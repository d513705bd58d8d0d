"""Where people stop on the way to an order, what they did next, who bought later after all, and what was lost."""

from __future__ import annotations

from pipeline.reporting import text
from pipeline.reporting.facts import Facts
from pipeline.reporting.numbers.drop_off import recovered_numbers
from pipeline.reporting.page import Content
from pipeline.reporting.pages import _carts, _losses, _stops
from pipeline.warehouse import Warehouse

ORDER = 36
TITLE = "Drop-off"
SUMMARY = "Where people stop on the way to an order, what that costs, what they did next, and who bought later."


def headline(warehouse: Warehouse, facts: Facts) -> str:
    """Say what share of those who stopped before buying came back and bought."""
    rows = [
        row
        for row in recovered_numbers(warehouse)
        if row["window_days"] == facts.settings["recovery_days"] and text.enough(row["count_closed"], facts.guard_n)
    ]
    if not rows:
        return "Too few people have stopped long enough ago to say who comes back."
    last = max(rows, key=lambda row: row["reached_index"])
    said = text.rate(
        last["recovered_share"],
        last["recovered_share_low"],
        last["recovered_share_high"],
        last["count_closed"],
        facts.guard_n,
    )
    return (
        f"Of those who stopped at {text.words(last['reached']).lower()}, {said} bought within "
        f"{last['window_days']} days after all."
    )


def content(warehouse: Warehouse, facts: Facts) -> Content:
    """Return the page."""
    return Content(
        figures=(
            _losses.losses(warehouse, facts),
            *_losses.heat_maps(warehouse, facts),
            _stops.recovered(warehouse, facts),
            _stops.next_actions(warehouse, facts),
            _carts.figure(warehouse, facts),
        ),
        tables=(
            _losses.table(warehouse, facts),
            _losses.winnable(warehouse, facts),
            *_stops.places(warehouse, facts),
            *_stops.breakdowns(warehouse, facts),
            _carts.table(warehouse, facts),
        ),
        values={"pause": facts.settings["drop_pause_hours"], "idle": facts.idle()},
    )
