"""The page on who is who: what it says, and that it names nobody."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from pipeline.reporting.facts import Facts
from pipeline.reporting.numbers.identity import customers_numbers, sensitivity_numbers, sizes_numbers
from pipeline.reporting.pages import identity
from pipeline.warehouse import Warehouse
from tests.reporting.reading import read


def test_every_reading_credits_all_revenue(tea: Warehouse) -> None:
    booked = tea.value("select sum(revenue) from core.orders where is_conversion")
    sums: dict[str, Decimal] = {}
    for row in sensitivity_numbers(tea):
        sums[row["linking"]] = sums.get(row["linking"], Decimal(0)) + row["credited_revenue"]
    assert sums == {"strict": booked, "default": booked, "loose": booked}


def test_the_default_reading_is_that_of_the_attribution_page(tea: Warehouse) -> None:
    credited = dict(
        tea.rows(
            "select channel, sum(credited_revenue) from marts.attribution join config.settings on default_model = model "
            "where level = 'channel' group by channel"
        )
    )
    read_so = dict(tea.rows("select channel, credited_revenue from marts.sensitivity where is_as_set"))
    assert read_so == credited


def test_kinds_and_sizes_count_every_customer_once(tea: Warehouse) -> None:
    everybody = tea.value("select count(*) from core.customers")
    for numbers in (customers_numbers(tea), sizes_numbers(tea)):
        assert sum(row["count_customers"] for row in numbers) == everybody
        assert {row["count_all"] for row in numbers} == {everybody}


def test_the_headline_says_how_many_are_known_and_what_another_reading_moves(tea: Warehouse, facts: Facts) -> None:
    said = identity.headline(tea, facts)
    known, everybody = tea.rows("select count(*) filter (where kind = 'known'), count(*) from core.customers")[0]
    assert said.startswith(f"{known:,} (")
    assert f"of {everybody:,} customers are known" in said
    assert "EUR" in said


def test_nobody_is_named(tea_pages: Path) -> None:
    said = read(tea_pages / "identity.html").text
    assert "family@example.com" not in said
    assert "info@example.com" not in said
    assert "Conflict of strong ids" in said
    assert "core.identity_reviews" in said
