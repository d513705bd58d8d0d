from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from pipeline.config.costs import read_costs
from pipeline.errors import ConfigError


def test_costs_hold_from_their_day_and_products_are_told_apart_whatever_their_capitals(tmp_path: Path) -> None:
    path = tmp_path / "costs.csv"
    path.write_text("\ufeffproduct, unit_cost ,from_day\nTEA-1,4.25,\ntea-1,5,2026-09-01\n\n,,\nTEA-1,4.25,\n", "utf-8")
    assert read_costs(path, "costs.csv") == [
        {"product": "tea-1", "from_day": date(1, 1, 1), "unit_cost": Decimal("4.2500")},
        {"product": "tea-1", "from_day": date(2026, 9, 1), "unit_cost": Decimal("5.0000")},
    ]


def test_everything_wrong_is_said_at_once_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "costs.csv"
    path.write_text("product,unit_cost,from_day\nA,$4,\n,1,\nB,-1,\nC,1,1/9/26\nD,1,\nD,2,\n", "utf-8")
    with pytest.raises(ConfigError) as caught:
        read_costs(path, "costs.csv")
    said = [str(problem) for problem in caught.value.problems]
    assert [line.split(": ")[0] for line in said] == [f"costs.csv:{n}" for n in (2, 3, 4, 5, 7)]
    assert "cannot be read" in said[0]
    assert "is missing" in said[1]
    assert "below zero" in said[2]
    assert "2026-09-01" in said[3]
    assert "Line 6 gives another cost" in said[4]


@pytest.mark.parametrize(("text", "says"), [(None, "does not exist"), ("sku,cost\n", "product, unit_cost")])
def test_a_file_that_is_missing_or_another_is_named(text, says, tmp_path: Path) -> None:
    path = tmp_path / "costs.csv"
    if text:
        path.write_text(text, "utf-8")
    with pytest.raises(ConfigError, match=says):
        read_costs(path, "costs.csv")
