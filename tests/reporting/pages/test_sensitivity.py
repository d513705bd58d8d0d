"""The page on what survives other settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.reporting.facts import Facts
from pipeline.reporting.numbers.sensitivity import holds_numbers, shares_numbers, variants, weakness
from pipeline.reporting.pages import sensitivity
from pipeline.warehouse import Warehouse
from tests.reporting.reading import read


def test_there_are_thirty_six_variants_and_every_conclusion_is_counted_in_all(tea: Warehouse) -> None:
    assert len(variants(tea)) == 36
    for row in holds_numbers(tea):
        assert row["count_holds"] + len(row["broken_in"]) == row["count_variants"] == 36


def test_shares_as_set_are_those_of_the_attribution_page(tea: Warehouse) -> None:
    credited = tea.rows(
        "select channel, sum(conversions) from marts.attribution join config.settings on default_model = model "
        "where level = 'channel' and channel <> 'No tracked touchpoint' group by channel having sum(conversions) > 0"
    )
    whole = sum(orders for _, orders in credited)
    for row in shares_numbers(tea):
        assert row["conversions_share"] == pytest.approx(dict(credited).get(row["channel"], 0) / whole)
        assert row["conversions_share_least"] <= row["conversions_share_most"]


def test_a_choice_is_said_in_words() -> None:
    assert weakness({"breaks_with": "lookback 7 days"}) == "a look-back of 7 days"
    assert weakness({"breaks_with": "session_rule matomo"}) == "visits by Matomo's rules"
    assert weakness({"breaks_with": None}) == "nothing"


def test_every_conclusion_stands_on_the_page_with_its_count(tea: Warehouse, tea_pages: Path, facts: Facts) -> None:
    words = read(tea_pages / "sensitivity.html").text
    numbers = holds_numbers(tea)
    assert numbers
    for row in numbers:
        assert row["said"] in words
        assert row["survives"] in words
    assert sensitivity.headline(tea, facts)
