from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from pipeline.reporting.facts import Facts
from pipeline.reporting.numbers.overview import (
    channel_totals_numbers,
    channels_numbers,
    orders_numbers,
    revenue_numbers,
    totals_numbers,
    untracked_numbers,
    values_numbers,
)
from pipeline.reporting.pages._worth import draw_revenue
from pipeline.reporting.pages.overview import draw_untracked, headline, tiles
from pipeline.reporting.style import UNTRACKED
from pipeline.warehouse import Warehouse
from tests.reporting.reading import read


def test_totals_are_the_sums_of_the_mart(tea: Warehouse) -> None:
    total = totals_numbers(tea)[0]
    booked = tea.records("select count(*) as orders, sum(revenue) as revenue from core.orders where is_conversion")[0]
    assert (total["orders"], total["revenue"]) == (booked["orders"], booked["revenue"])
    assert total["untracked_share"] == total["orders_untracked"] / total["orders"]
    assert total["untracked_share_low"] < total["untracked_share"] < total["untracked_share_high"]


def test_months_add_up_to_the_totals(tea: Warehouse) -> None:
    total = totals_numbers(tea)[0]
    assert sum(row["revenue"] for row in revenue_numbers(tea)) == total["revenue"]
    assert sum(row["orders"] for row in orders_numbers(tea)) == total["orders"]
    assert all(row["orders"] == row["new_customers"] + row["repeat_orders"] for row in orders_numbers(tea))


def test_channels_add_up_to_the_totals_with_untracked_orders_last(tea: Warehouse) -> None:
    total, rows = totals_numbers(tea)[0], channel_totals_numbers(tea)
    assert sum(row["revenue"] for row in rows) == total["revenue"]
    assert round(sum(row["orders"] for row in rows), 6) == total["orders"]
    assert [row["channel"] for row in rows].index(UNTRACKED) == len(rows) - 1
    drawn = channels_numbers(tea)
    assert sum(row["revenue"] for row in drawn) == total["revenue"]
    assert drawn[-1]["channel"] == UNTRACKED


def test_months_that_are_not_whole_are_marked(facts: Facts) -> None:
    assert facts.partial_note(date(2026, 5, 1)) == "from 14 May"
    assert facts.partial_note(date(2026, 6, 1)) == ""
    assert facts.partial_note(date(2026, 8, 1)) == "so far"
    assert not facts.is_whole(date(2026, 9, 1))


def test_tiles_name_the_last_whole_month(tea: Warehouse, facts: Facts) -> None:
    months = tea.records("select * from marts.monthly_totals order by month")
    shown = tiles(totals_numbers(tea)[0], months, facts)
    assert shown[1]["more"] == f"Jul 2026: {months[2]['orders']}"


def test_a_share_on_too_few_orders_is_not_said(tea: Warehouse, facts: Facts) -> None:
    strict = replace(facts, guard_n=10_000)
    assert tiles(totals_numbers(tea)[0], [], strict)[-1]["value"] == "too few"
    svg = draw_untracked(untracked_numbers(tea), strict).svg("x", "t")
    assert "too few" in svg
    assert "%" not in svg.split("too few")[1]


def test_the_page_shows_the_booked_revenue_of_every_month(tea: Warehouse, tea_pages: Path) -> None:
    text = read(tea_pages / "overview.html").text
    for row in tea.records("select revenue from marts.monthly_totals"):
        assert f"{row['revenue']:,.2f}" in text
    assert "so far" in text


@pytest.mark.parametrize("warehouse, says", [("tea", "orders worth EUR"), ("bare", "No orders yet.")])
def test_headline(warehouse: str, says: str, request: pytest.FixtureRequest, facts: Facts) -> None:
    assert says in headline(request.getfixturevalue(warehouse), facts).replace("\u00a0", " ")


def test_revenue_and_the_mean_order_lie_in_their_range(tea: Warehouse) -> None:
    rows = [*revenue_numbers(tea), *values_numbers(tea)]
    assert len(rows) > 4
    for row in rows:
        assert row["revenue_low"] < row["revenue"] < row["revenue_high"]
        assert row["mean_order_low"] < row["mean_order"] < row["mean_order_high"]


def test_the_range_of_a_month_is_drawn_only_on_enough_buyers(tea: Warehouse, facts: Facts) -> None:
    numbers, strict = revenue_numbers(tea), replace(facts, guard_n=100_000)
    with_lines, without = (draw_revenue(numbers, given).svg("x", "t").count("var(--ink)") for given in (facts, strict))
    assert with_lines >= without + len(numbers)
