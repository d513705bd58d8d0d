"""The drop-off page on figures small enough to check by hand."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.reporting.facts import Facts, read_facts
from pipeline.reporting.numbers.drop_off import next_numbers
from pipeline.reporting.pages import _losses, drop_off
from pipeline.reporting.pages._carts import draw_carts
from pipeline.reporting.pages._losses import draw_losses, draw_stops
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


def loss(verdict: str, **given: Any) -> dict[str, Any]:
    return {
        "breakdown": "device", "breakdown_value": "mobile", "stage": "decision", "next_stage": "purchase",
        "count_reached": 1000, "count_dropped": 800, "step_rate": 0.2, "reference_value": "desktop", "reference_rate": 0.4,
        "lost_revenue": 4500.0, "lost_revenue_low": 3000.0, "lost_revenue_high": 6000.0, "is_channel": False,
        "verdict": verdict,
    } | given  # fmt: skip


def test_a_loss_says_its_money_and_its_interval_or_that_it_may_be_chance(facts: Facts) -> None:
    said = draw_losses([loss("lost"), loss("may be chance", is_channel=True)], facts).svg("x", "x")
    assert "EUR 4,500 (3,000–6,000)" in said
    assert "EUR 4,500, may be chance" in said
    assert "20.0 % go on, desktop shows 40.0 %" in said
    assert said.index("What can be mended") < said.index("By channel: who comes differs too")


def test_the_step_that_money_is_lost_at_is_never_cut(facts: Facts) -> None:
    long = loss("lost", breakdown_value="/products/" + "a" * 80, stage="consideration", next_stage="decision")
    said = draw_losses([long], facts).svg("x", "x")
    assert ">Consideration to decision: 20.0 % (40.0 % at best)<" in said


def test_what_follows_a_cart_that_was_left_stands_beside_the_stages(tea: Warehouse) -> None:
    rows = next_numbers(tea)
    assert {row["reached"] for row in rows if row["is_cart"]} & {"cart left", "checkout left"}
    assert [row["is_cart"] for row in rows] == sorted(row["is_cart"] for row in rows)


def test_every_loss_that_is_drawn_is_told_and_has_a_place(tea: Warehouse) -> None:
    rows = _losses.losses_numbers(tea)
    assert rows
    assert all(row["lost_revenue_low"] <= row["lost_revenue"] <= row["lost_revenue_high"] for row in rows)
    assert [row["is_channel"] for row in rows] == sorted(row["is_channel"] for row in rows)


@pytest.mark.parametrize(
    ("verdicts", "said"),
    [
        ([], "Nobody has stopped long enough ago"),
        (["at its reference", "too few to say"], "No segment runs below"),
        (["no order values", "not known"], "too few orders of a known value"),
        (["too few to say"], "Too few people"),
    ],
)
def test_without_a_loss_the_page_says_why(
    verdicts: list[str], said: str, bare: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_losses, "all_losses_numbers", lambda _: [{"verdict": verdict} for verdict in verdicts])
    assert said in _losses._why_none(bare)


def test_a_cell_on_few_people_says_no_share(facts: Facts) -> None:
    common = {"stage": "decision", "next_stage": "purchase", "dropped_share_low": 0.5, "dropped_share_high": 0.8}
    rows = [
        common | {"breakdown_value": "mobile", "count_reached": 400, "dropped_share": 0.625},
        common | {"breakdown_value": "tablet", "count_reached": 4, "dropped_share": 0.75},
    ]
    said = draw_stops(rows, facts).svg("x", "x")
    assert "62.5 % of 400" in said
    assert "too few (4)" in said
    assert "75.0" not in said


def test_carts_of_no_told_worth_say_so(facts: Facts) -> None:
    counts = dict.fromkeys(("count_same", "count_different", "count_online", "count_store", "count_other"), 0)
    row = counts | {
        "furthest_step": "all", "count_closed": 40, "count_open": 2, "count_store": 10, "count_not": 30, "recovered_share": 0.25,
    }  # fmt: skip
    assert "25.0 % · worth not told" in draw_carts([row | {"value_not": None}], facts).svg("x", "x")
    assert "25.0 % · EUR 1,200 left for good" in draw_carts([row | {"value_not": 1200}], facts).svg("x", "x")
