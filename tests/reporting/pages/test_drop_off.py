"""The drop-off page on figures small enough to check by hand."""

from __future__ import annotations

from typing import Any

from pipeline.reporting.facts import Facts, read_facts
from pipeline.reporting.pages import drop_off
from pipeline.reporting.pages._stops import draw_next, draw_recovered
from pipeline.warehouse import Warehouse


def stopped(reached: str, days: int, **counts: Any) -> dict[str, Any]:
    row = dict.fromkeys(("count_online", "count_store", "count_other", "count_not", "count_open"), 0) | counts
    closed = sum(row[key] for key in ("count_online", "count_store", "count_other", "count_not"))
    share = (closed - row["count_not"]) / closed if closed else None
    ends = {"recovered_share_low": 0.1, "recovered_share_high": 0.6}
    return row | ends | {"reached": reached, "window_days": days, "count_closed": closed, "recovered_share": share}


def test_the_headline_says_who_came_back(tea: Warehouse, facts: Facts) -> None:
    closed, back = tea.rows(
        """select count_closed, count_recovered from marts.recovered_later
        where breakdown = 'all' and reached = 'decision' and window_days = 30"""
    )[0]
    said = drop_off.headline(tea, facts)
    assert said.startswith(f"Of those who stopped at decision, {back / closed * 100:.1f}")
    assert said.endswith("bought within 30 days after all.")


def test_without_people_the_headline_says_so(bare: Warehouse) -> None:
    assert "Too few people" in drop_off.headline(bare, read_facts(bare))


def test_a_bar_says_who_bought_and_who_still_has_time(facts: Facts) -> None:
    given = [
        stopped("decision", 30, count_store=12, count_online=4, count_not=24),
        stopped("decision", 90, count_open=40),
    ]
    said = draw_recovered(given, facts).svg("x", "x")
    assert "40.0 % (10.0–60.0 %) bought" in said
    assert "of 40 who stopped, 4 bought on line, 12 bought in a store, 0 bought elsewhere, 24 did not buy" in said
    assert "too few to say (n = 0), 40 still have time" in said


def test_a_stage_with_few_known_stops_says_no_share(facts: Facts) -> None:
    few = [{"reached": "decision", "action": "nothing", "count_stops": 5, "count_known": 5, "stops_share": 1.0}]
    said = draw_next(few, facts).svg("x", "x")
    assert "too few to say (n = 5)" in said
    assert "100.0" not in said
