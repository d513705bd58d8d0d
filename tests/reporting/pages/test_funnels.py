from __future__ import annotations

from dataclasses import replace
from typing import Any

from pipeline.reporting.facts import Facts
from pipeline.reporting.numbers.funnels import (
    definitions,
    segments_numbers,
    steps_numbers,
    times_numbers,
    trends_numbers,
)
from pipeline.reporting.pages import _costs
from pipeline.reporting.pages.funnels import _cases, _notes, _reading, draw_steps, draw_times, headline
from pipeline.warehouse import Warehouse


def test_steps_add_up_to_what_the_funnel_says_of_itself(tea: Warehouse) -> None:
    steps, given = steps_numbers(tea), definitions(tea)
    assert len(given) == 2
    for funnel in given:
        mine = [row for row in steps if row["funnel_index"] == funnel["funnel_index"]]
        assert mine[0]["count_entries"] == funnel["count_entries"]
        assert mine[-1]["count_entries"] == funnel["count_converted"]
        assert sum(row["count_open"] for row in mine) == funnel["count_open"]
        assert mine[0]["count_complete"] == mine[0]["count_anchor"] == funnel["count_complete"]


def test_purchases_of_the_funnel_are_buyers_of_the_books(tea: Warehouse) -> None:
    bought = steps_numbers(tea)[-1]
    buyers = tea.value("select count(distinct customer_id) from core.orders where is_conversion")
    assert bought["step"] == "purchase"
    assert 0 < bought["count_entries"] <= buyers


def test_segments_and_periods_have_their_interval(tea: Warehouse) -> None:
    for row in segments_numbers(tea):
        assert row["overall_rate_low"] <= row["overall_rate"] <= row["overall_rate_high"]
    periods = trends_numbers(tea)
    assert {row["is_complete"] for row in periods} == {True, False}
    assert max(row["period"] for row in periods if row["is_complete"]) < max(row["period"] for row in periods)


def test_what_keeps_a_funnel_from_being_whole_is_said(tea: Warehouse) -> None:
    row = definitions(tea)[0]
    assert _notes(row) == ["The five stages: left out, as nothing in the data fits: retention."]
    lacking = row | {"unfound": "buy (page /byu); the nearest in the data is /buy", "is_window_longer": True}
    said = " ".join(_notes(lacking))
    assert "nothing in the data fits buy (page /byu); the nearest in the data is /buy" in said
    assert "is refused" in said
    assert "longer than the data" in said


def test_people_of_two_funnels_are_not_added_up(tea: Warehouse) -> None:
    given = definitions(tea)
    largest = max(row["count_complete"] for row in given)
    assert _cases(given) == [(largest, "person in the largest funnel", "people in the largest funnel")]
    assert _cases(given[:1]) == [(given[0]["count_complete"], "person", "people")]
    assert _cases([]) == 0


def test_only_funnels_that_are_not_drawn_are_spoken_of(tea: Warehouse) -> None:
    given = definitions(tea)
    assert "are drawn" not in _reading(given)
    assert "The first 6 funnels are drawn" in _reading(given * 4)


def test_few_cases_are_drawn_without_a_number(tea: Warehouse, facts: Facts) -> None:
    strict = replace(facts, guard_n=100_000)
    assert "too few" in draw_steps(steps_numbers(tea), strict).svg("x", "t")
    assert "too few" in draw_times(times_numbers(tea), strict).svg("x", "t")


def test_headline(tea: Warehouse, bare: Warehouse, facts: Facts) -> None:
    assert headline(tea, facts).startswith("From view to purchase: most are lost before cart; 25")
    assert headline(bare, facts).startswith("Too few people have entered a funnel")


def test_every_step_before_the_purchase_says_what_stopping_costs(tea: Warehouse) -> None:
    steps = steps_numbers(tea)
    for row in steps:
        is_last = row["step"] == "purchase"
        assert (row["loss"] is None) == is_last, row["step"]
        assert row["count_dropped"] == (None if is_last else row["count_complete"] - _went_on(steps, row))
        assert (row["lost_revenue"] is not None) == (row["loss"] == "lost")


def _went_on(steps: list[dict[str, Any]], row: dict[str, Any]) -> int:
    return next(
        other["count_went_on"]
        for other in steps
        if (other["funnel_index"], other["level"]) == (row["funnel_index"], row["level"] + 1)
    )


def test_a_loss_is_drawn_with_its_interval_and_segment_or_says_why_there_is_none(tea: Warehouse, facts: Facts) -> None:
    rows = steps_numbers(tea)
    lost = {
        "loss": "lost", "lost_segment": "mobile", "lost_reached": 574, "lost_rate": 0.1, "lost_rate_low": 0.08,
        "lost_rate_high": 0.13, "reference_value": "desktop", "reference_rate": 0.15, "lost_revenue": 4500.0,
        "lost_revenue_low": 3000.0, "lost_revenue_high": 6000.0,
    }  # fmt: skip
    given = [rows[0] | lost, rows[1] | {"loss": "no loss shown"}, rows[2] | {"loss": "too few to say"}]
    said = draw_steps(given, facts).svg("x", "t")
    assert "EUR 4,500 (3,000–6,000) · mobile" in said
    assert "mobile: 10.0 % (8.0–13.0 %) go on, desktop shows 15.0 % at least" in said
    assert "no loss shown" in said
    assert "too few to say" in said
    told = _costs.table(given, facts).rows
    assert [row["cost"].replace("\u00a0", " ") for row in told] == [
        "EUR 4,500 (3,000–6,000)",
        "no loss shown",
        "too few to say",
    ]
