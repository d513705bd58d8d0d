from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.reporting.facts import Facts
from pipeline.reporting.numbers.evidence import (
    channels_numbers,
    converting_numbers,
    dropping_numbers,
    experiment_revenue_numbers,
    experiments_numbers,
)
from pipeline.reporting.pages._trials import draw_experiments
from pipeline.reporting.pages.evidence import WARNINGS, draw_channels, draw_converting, headline
from pipeline.warehouse import Warehouse
from tests.reporting.reading import read


def test_every_channel_with_a_touch_has_its_evidence(tea: Warehouse) -> None:
    found = {row["channel"] for row in channels_numbers(tea)}
    assert found == {name for (name,) in tea.rows("select distinct channel from core.touches")}
    assert {row["basis"] for row in channels_numbers(tea)} <= {"exposure", "hold-out"}


def test_only_what_has_enough_cases_is_drawn(tea: Warehouse) -> None:
    for rows in (converting_numbers(tea), dropping_numbers(tea)):
        assert rows
        assert all(row["odds_ratio_low"] <= row["odds_ratio"] <= row["odds_ratio_high"] for row in rows)
        assert {name for row in rows for name in row["warnings"]} <= set(WARNINGS)


def test_a_confounded_driver_says_why_and_is_hollow(tea: Warehouse, facts: Facts) -> None:
    row = converting_numbers(tea)[0] | {"verdict": "confounded", "warnings": ["decided_before", "one_channel"]}
    svg = draw_converting([row], facts).svg("x", "t")
    assert "were about to buy before" in svg
    assert "goes without" not in svg
    plain = draw_converting([row | {"verdict": "more often", "warnings": []}], facts).svg("x", "t")
    assert svg != plain
    assert "more often" in plain


def test_all_that_speaks_against_an_effect_is_written_whole(tea: Warehouse, facts: Facts) -> None:
    warned = {"evidence": "confounded", "warnings": [name for name in WARNINGS if name != "one_channel"]}
    row = channels_numbers(tea)[0] | warned | {"count_least": 100, "basis": "exposure"}
    svg = " ".join(draw_channels([row], facts).svg("x", "t").split())
    whole = "not causal, test it: " + ", ".join(WARNINGS[name] for name in warned["warnings"])
    assert all(word in svg for word in whole.replace(",", "").split())
    assert "…" not in svg


def test_a_hold_out_that_is_judged_by_revenue_is_told_in_money(tea: Warehouse, facts: Facts) -> None:
    money = {"revenue_difference": 5.0, "revenue_low": -1.5, "revenue_high": 11.5, "metric": "revenue"}
    nothing = {"difference": None, "difference_low": None, "difference_high": None}
    row = channels_numbers(tea)[0] | nothing | money | {"basis": "hold-out", "evidence": "no effect shown"}
    told = f"+5.00 {facts.currency} a person"
    assert told in draw_channels([row | {"count_least": 100}], facts).svg("x", "t")
    assert told not in draw_channels([row | {"count_least": 1}], facts).svg("x", "t")


def test_too_few_cases_are_not_drawn(tea: Warehouse, facts: Facts) -> None:
    strict = replace(facts, guard_n=10**9)
    assert "too few to say" in draw_converting(converting_numbers(tea), strict).svg("x", "t")
    assert "points (" not in draw_channels(channels_numbers(tea), strict).svg("x", "t")


@pytest.mark.parametrize(
    ("value", "low", "high"), [(0.0, 0.0, 0.0), (0.9, -1.0, 1.0), (-0.001, -0.002, 0.0), (1e-9, 0.0, 1e-9)]
)
def test_any_difference_can_be_drawn(value: float, low: float, high: float, tea: Warehouse, facts: Facts) -> None:
    row = channels_numbers(tea)[0] | {"difference": value, "difference_low": low, "difference_high": high}
    assert "<svg" in draw_channels([row | {"count_least": 100, "evidence": "no effect shown"}], facts).svg("x", "t")


def test_an_experiment_shows_its_difference_and_the_one_before(tea: Warehouse, facts: Facts) -> None:
    control, arm = experiments_numbers(tea)
    assert (control["variant"], arm["is_control"]) == ("letter A", False)
    assert arm["difference"] == arm["value"] - control["value"]
    assert {row["value"] for row in experiment_revenue_numbers(tea)} != {0}
    svg = draw_experiments([control, arm], facts).svg("x", "t")
    assert "before: " in svg
    off = draw_experiments([control, arm | {"verdict": "arms are not as planned", "difference": None}], facts)
    assert "arms are not as planned" in off.svg("x", "t")
    assert "points (" not in off.svg("x", "t")
    alone = draw_experiments([control | {"verdict": "one arm only"}], facts).svg("x", "t")
    assert "one arm only" in alone


def test_headline(tea: Warehouse, bare: Warehouse, facts: Facts) -> None:
    assert "evidence of an effect" in headline(tea, facts)
    assert headline(bare, facts) == "No channels to compare yet."


def test_the_page_tells_credit_from_effect_in_one_sentence(tea_pages: Path) -> None:
    text = " ".join(read(tea_pages / "evidence.html").text.split())
    assert "Credit says which channels people came by before they ordered; an effect is what would be missing" in text


def test_a_channel_after_which_people_order_less_often_says_so_with_its_numbers(tea: Warehouse, facts: Facts) -> None:
    row = channels_numbers(tea)[0] | {"basis": "exposure", "evidence": "no effect shown", "warnings": []}
    enough = {"count_least": 100, "difference": -0.04, "difference_low": -0.06, "difference_high": -0.02}
    assert "ordered less often: -4.0 (-6.0 to -2.0)" in draw_channels([row | enough], facts).svg("x", "t")
    unsure = draw_channels([row | enough | {"difference_high": 0.01}], facts).svg("x", "t")
    assert "no effect shown: -4.0 (-6.0 to +1.0)" in unsure
    assert "-4.0" not in draw_channels([row | enough | {"count_least": 1}], facts).svg("x", "t")
