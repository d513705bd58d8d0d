from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.reporting.facts import Facts
from pipeline.reporting.numbers.ledger import REJECTED, book_numbers, credit_numbers, rejected_numbers, sources_numbers
from pipeline.reporting.pages.ledger import draw_credit, draw_sources, headline
from pipeline.warehouse import Warehouse
from tests.reporting.reading import read


def test_booked_orders_less_the_reasons_are_the_credited_ones(tea: Warehouse) -> None:
    rows = credit_numbers(tea)
    assert (rows[0]["step"], rows[-1]["step"]) == ("net", "credited")
    for key in ("count_orders", "amount"):
        assert rows[0][key] - sum(row[key] for row in rows[1:-1]) == rows[-1][key]
    booked = tea.records("select count(*) as n, sum(revenue) as revenue from core.orders where is_conversion")[0]
    assert (rows[0]["count_orders"], rows[0]["amount"]) == (booked["n"], booked["revenue"])


def test_the_book_has_the_same_sum_by_either_date(tea: Warehouse) -> None:
    rows = book_numbers(tea)
    assert sum(row["net"] for row in rows) == sum(row["ordered"] + row["refunded"] for row in rows)
    assert sum(row["count_orders"] for row in rows) == tea.value("select count(*) from core.orders where is_conversion")


def test_a_waterfall_goes_down_to_what_is_left(tea: Warehouse, facts: Facts) -> None:
    numbers = credit_numbers(tea)
    svg = draw_credit(numbers, facts).svg("x", "t")
    assert "Booked, net of refunds" in svg
    assert "Credited to touchpoints" in svg
    assert draw_credit([], facts).svg("x", "t")


def test_each_system_has_a_bar_of_what_became_of_its_rows(facts: Facts) -> None:
    rows = [
        {"source_system": "square", "step": "delivered", "count_rows": 10},
        {"source_system": "square", "step": "duplicate", "count_rows": 3},
        {"source_system": "square", "step": "part_of_an_order", "count_rows": 1},
        {"source_system": "square", "step": "booked", "count_rows": 6},
    ]
    svg = draw_sources(rows, facts).svg("x", "t")
    assert "10 rows" in svg
    assert "7 booked, 3 delivered twice (1 of them further receipts)" in svg


def test_sources_say_what_the_order_book_holds(tea: Warehouse) -> None:
    booked = sum(row["count_rows"] for row in sources_numbers(tea) if row["step"] == "booked")
    assert booked == tea.value("select count(*) from core.orders where is_conversion")


def test_rejected_order_rows_stand_with_file_and_line_and_without_personal_data(
    tea: Warehouse, tea_pages: Path
) -> None:
    rows = rejected_numbers(tea)
    assert [(row["file_name"], row["line_number"]) for row in rows] == [("square/transactions.csv", 77)]
    text = read(tea_pages / "ledger.html").text
    assert "amount is no number." in text
    assert REJECTED in text
    assert "555-0199" not in text
    assert "[phone]" in text
    assert tea.rows(REJECTED)[0][:2] == ("square/transactions.csv", 77)


@pytest.mark.parametrize("warehouse, says", [("tea", "booked orders and EUR"), ("bare", "No orders are booked yet.")])
def test_headline(warehouse: str, says: str, request: pytest.FixtureRequest, facts: Facts) -> None:
    assert says in headline(request.getfixturevalue(warehouse), facts).replace("\u00a0", " ")
