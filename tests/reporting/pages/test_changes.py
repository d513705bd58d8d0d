from __future__ import annotations

from pathlib import Path

from pipeline.reporting import attention
from pipeline.reporting.facts import Facts
from pipeline.reporting.numbers.changes import details_numbers, earlier_numbers, last_numbers
from pipeline.reporting.pages.changes import headline
from pipeline.warehouse import Warehouse
from tests.reporting.reading import read, read_csv


def test_what_the_last_run_moved_comes_first_and_closed_months_before_open_ones(tea: Warehouse) -> None:
    assert [(row["metric"], row["value_change"], row["was_provisional"]) for row in last_numbers(tea)] == [
        ("revenue", -4.0, False),
        ("visits", 43.0, True),
    ]
    assert [row["value_change"] for row in earlier_numbers(tea)] == [8776.75 - 8990.1]
    assert [row["mart"] for row in details_numbers(tea)] == ["attribution", "stage_conversion"]


def test_a_line_says_by_how_much_and_because_of_which_file(tea_pages: Path) -> None:
    text = " ".join(read(tea_pages / "changes.html").text.split())
    assert "Numbers of closed months moved: Jul 2026." in text
    assert "ga4/events_202608.json changed (310 rows came)" in text
    assert "returns from [e-mail] is new" in text
    assert "ann@teashop.example" not in text
    assert read_csv(tea_pages / "tables" / "changes-details.csv")[0]["item"] == "linear, Email"


def test_attention_is_drawn_to_closed_months_only(tea: Warehouse, bare: Warehouse, facts: Facts) -> None:
    (moved,) = [item for item in attention.items(tea, facts) if item.page == "changes"]
    assert moved.says == ("Revenue of Jul 2026: 8,776.75 → 8,772.75 (-4), because returns from [e-mail] is new.")
    assert not [item for item in attention.items(bare, facts) if item.page == "changes"]


def test_headline_stays_calm_when_nothing_moved(tea: Warehouse, bare: Warehouse, facts: Facts) -> None:
    assert headline(tea, facts) == "Numbers of closed months moved: Jul 2026."
    assert headline(bare, facts) == "The first run; there is nothing to compare it with yet."
    kept = tea.arrow("select * from ops.restatements")
    try:
        tea.execute("update ops.restatements set was_provisional = true")
        assert headline(tea, facts) == "Only months that were still open moved."
        tea.execute("delete from ops.restatements where run_id = 'r2'")
        assert headline(tea, facts) == "No published number moved since the run before."
    finally:
        tea.execute("delete from ops.restatements")
        with tea.given(kept) as rows:
            tea.execute(f"insert into ops.restatements select * from {rows}")
