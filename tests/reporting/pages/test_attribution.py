from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from pipeline.reporting.facts import Facts
from pipeline.reporting.numbers.attribution import (
    booked_numbers,
    left_out_numbers,
    models,
    order_kinds_numbers,
    orders_numbers,
    revenue_numbers,
    source_numbers,
    wide,
    winners_numbers,
)
from pipeline.reporting.pages.attribution import _tie, draw_revenue, headline
from pipeline.reporting.render import render_page
from pipeline.reporting.style import UNTRACKED
from pipeline.warehouse import Warehouse
from tests.reporting import shop
from tests.reporting.reading import read, read_csv


def test_models_stand_in_the_order_people_know(tea: Warehouse) -> None:
    assert models(tea)[:4] == ["first", "last", "last_non_direct", "last_paid"]
    assert len(models(tea)) == 12


def test_every_model_adds_up_to_booked_revenue_and_orders(tea: Warehouse) -> None:
    booked = booked_numbers(tea)[0]
    for model in models(tea):
        credited = sum(row["credited_revenue"] for row in revenue_numbers(tea) if row["model"] == model)
        assert credited == booked["revenue"]
        shares = sum(row["conversions"] for row in orders_numbers(tea) if row["model"] == model)
        assert shares == pytest.approx(booked["orders"])


def test_the_totals_row_ties_to_the_order_book(tea: Warehouse, tea_pages: Path) -> None:
    totals = read_csv(tea_pages / "tables" / "attribution-revenue-by-model.csv")[-1]
    assert {Decimal(totals[model]) for model in models(tea)} == {booked_numbers(tea)[0]["revenue"]}
    text = read(tea_pages / "attribution.html").text.replace("\u00a0", " ")
    assert f"Every model adds up to the EUR {booked_numbers(tea)[0]['revenue']:,.2f} booked, to the cent." in text


def test_a_model_that_does_not_tie_is_named(facts: Facts) -> None:
    booked = {"orders": 3, "revenue": Decimal("100.00")}
    totals = {"first": Decimal("100.004"), "linear": Decimal("99.99")}
    assert _tie(totals, booked, facts, "credited_revenue").endswith("Linear.")


def test_untracked_orders_come_last_and_get_no_mark(tea: Warehouse, facts: Facts) -> None:
    numbers = revenue_numbers(tea)
    rows = wide(numbers, "credited_revenue")
    assert rows[-1]["channel"] == UNTRACKED
    assert rows[-1]["spread"] == 0
    assert "by every model" in draw_revenue(numbers, facts).svg("x", "t")


def test_the_spread_is_what_models_disagree_by(tea: Warehouse) -> None:
    for row in wide(revenue_numbers(tea), "credited_revenue"):
        values = [value for key, value in row.items() if key not in ("channel", "spread")]
        assert row["spread"] == max(values) - min(values)


@pytest.mark.parametrize("level", ["source_medium", "campaign", "content"])
def test_sources_and_campaigns_add_up_too(level: str, tea: Warehouse) -> None:
    rows = source_numbers(tea, level)
    assert sum(row["credited_revenue"] for row in rows) == booked_numbers(tea)[0]["revenue"]
    assert rows[-1]["channel"] == UNTRACKED


def test_the_page_says_that_credit_is_no_cause(tea_pages: Path) -> None:
    assert "none of these models measures cause" in read(tea_pages / "attribution.html").text


def test_headline_says_whether_models_agree(tea: Warehouse, bare: Warehouse, facts: Facts) -> None:
    winners = {row["channel"] for row in winners_numbers(tea)}
    assert ("disagree" in headline(tea, facts)) == (len(winners) > 1)
    assert headline(bare, facts).startswith("Which channel earns most: too few")


def test_first_and_later_orders_add_up_to_what_was_booked(tea: Warehouse) -> None:
    rows = order_kinds_numbers(tea)
    both = sum((row["first_revenue"] or 0) + (row["later_revenue"] or 0) for row in rows)
    assert both == booked_numbers(tea)[0]["revenue"]


def test_what_direct_would_have_earned_is_said_where_it_is_left_out(tea: Warehouse, tmp_path: Path) -> None:
    assert left_out_numbers(tea) == [{"touches": 0, "orders": 0}]
    with shop.empty_marts() as warehouse:
        shop.fill(warehouse, shop.simulate(people=200), exclude_direct=True)
        [row] = left_out_numbers(warehouse)
        assert row["touches"] >= row["orders"] > 0
        text = read(render_page(warehouse, "attribution", tmp_path).html).text
    assert f"Direct is left out where another channel is there: {row['touches']} touches before" in text
