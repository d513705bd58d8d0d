from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.reporting.facts import Facts
from pipeline.reporting.numbers.tracking import gap_by, gap_numbers, gap_total
from pipeline.reporting.pages.tracking import draw_gap, headline
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


@pytest.mark.parametrize("breakdown", ["sale_channel", "country"])
def test_breakdowns_have_their_interval(breakdown: str, tea: Warehouse) -> None:
    for row in gap_by(tea, breakdown):
        assert row["untracked_share_low"] <= row["untracked_share"] <= row["untracked_share_high"]
