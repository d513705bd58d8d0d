from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
import yaml

from pipeline.config import Settings
from pipeline.reporting import attention
from pipeline.reporting.facts import Facts
from pipeline.reporting.numbers.tracking import gap_by, gap_numbers, gap_total
from pipeline.reporting.pages.tracking import _rules, draw_gap, headline
from pipeline.warehouse import Warehouse


def test_months_and_channels_add_up_to_all_web_orders(tea: Warehouse) -> None:
    total = gap_total(tea)
    assert total is not None
    assert total["count_orders"] == tea.value("select count(*) from core.orders where is_conversion")
    for rows in (gap_numbers(tea), gap_by(tea, "sale_channel"), gap_by(tea, "country")):
        assert sum(row["count_orders"] for row in rows) == total["count_orders"]
        assert sum(row["revenue_untracked"] for row in rows) == total["revenue_untracked"]


def test_a_month_with_few_orders_is_drawn_without_a_number(tea: Warehouse, facts: Facts) -> None:
    svg = draw_gap(gap_numbers(tea), replace(facts, guard_n=100_000)).svg("x", "t")
    assert "too few" in svg


def test_headline(tea: Warehouse, bare: Warehouse, facts: Facts) -> None:
    assert headline(tea, facts).startswith("The tracking misses 100")
    assert headline(tea, replace(facts, guard_n=100_000)).startswith("What the tracking misses: too few")
    assert headline(bare, facts) == "No web orders yet."


@pytest.mark.parametrize("breakdown", ["sale_channel", "country", "device"])
def test_breakdowns_have_their_interval(breakdown: str, tea: Warehouse) -> None:
    for row in gap_by(tea, breakdown):
        assert row["untracked_share_low"] <= row["untracked_share"] <= row["untracked_share_high"]


def test_a_month_above_those_before_it_is_a_thing_to_look_at(
    tea: Warehouse, facts: Facts, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [
        {
            "month": date(2026, 7, 1),
            "verdict": "above",
            "untracked_share": 0.4,
            "count_orders": 90,
            "share_before": 0.2,
        },
        {
            "month": date(2026, 8, 1),
            "verdict": "above",
            "untracked_share": 0.9,
            "count_orders": 80,
            "share_before": 0.3,
        },
    ]
    monkeypatch.setattr("pipeline.reporting.attention.gap_numbers", lambda _: rows)
    item = attention.items(tea, facts)[-1]
    assert (item.kind, item.page, item.anchor) == ("Tracking misses more", "tracking", "figure-gap")
    # August is not over at the end of the data; July is the last whole month.
    assert "In Jul 2026 no visit was seen to make 40.0\u00a0% of 90 web orders; in the months before 20.0" in item.says
    rows[0]["verdict"] = "no difference shown"
    assert "Tracking misses more" not in {item.kind for item in attention.items(tea, facts)}


def test_rules_to_paste_are_readable_settings(tea: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    rule = "  - {channel: Referral, source_regex: 'mag\\.azine''s', medium_regex: '-'}"
    rows = [{"rule": rule, "visits_unassigned": 1}, {"rule": None, "visits_unassigned": 0}]
    monkeypatch.setattr("pipeline.reporting.pages.tracking.tag_numbers", lambda _: rows)
    pasted = yaml.safe_load("channel_rules:\n" + "\n".join(_rules(tea)))
    assert Settings.model_validate(pasted).channel_rules[0].source_regex == "mag\\.azine's"


def test_the_preset_in_force_stands_beside_the_visits(facts: Facts) -> None:
    assert facts.visits() == "Google Analytics 4 rules: end with 30 minutes without activity"
    matomo = facts.settings | {
        "session_preset": "matomo",
        "session_splits_at_midnight": True,
        "session_splits_on_campaign": True,
        "session_max_actions": 10_000,
    }
    expected = "Matomo rules: end with 30 minutes without activity or midnight or another campaign or 10,000 events"
    assert replace(facts, settings=matomo).visits() == expected
