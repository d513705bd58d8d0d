from __future__ import annotations

from pathlib import Path

from pipeline.reporting import attention
from pipeline.reporting.facts import Facts
from pipeline.reporting.numbers.health import (
    agreement_numbers,
    coverage_numbers,
    exports_numbers,
    notes_numbers,
    problems_numbers,
    rejected_numbers,
    totals_numbers,
)
from pipeline.reporting.pages.health import headline
from pipeline.warehouse import Warehouse
from tests.reporting.reading import read, read_csv


def test_read_is_accepted_and_rejected_and_duplicate(tea: Warehouse) -> None:
    for row in (totals_numbers(tea), *exports_numbers(tea)):
        assert row["rows_read"] == row["rows_accepted"] + row["rows_rejected"] + row["rows_duplicate"]


def test_each_export_says_which_days_it_covers_once_twice_or_not_at_all(tea: Warehouse) -> None:
    ga4 = [row for row in coverage_numbers(tea) if row["source_system"] == "ga4"]
    assert [(row["state"], row["period_from"].isoformat(), row["count_days"]) for row in ga4] == [
        ("covered", "2026-05-14", 41),
        ("in several files", "2026-06-24", 7),
        ("covered", "2026-07-01", 26),
        ("missing", "2026-07-27", 2),
        ("covered", "2026-07-29", 20),
        ("may still change", "2026-08-18", 3),
    ]


def test_raw_text_shows_no_address_and_no_number(tea_pages: Path) -> None:
    page = read(tea_pages / "health.html").text
    rows = read_csv(tea_pages / "tables" / "health-examples.csv")
    for text in (page, *(row["raw_text"] for row in rows)):
        assert "example.org" not in text
        assert "2345670" not in text
        assert "555-0199" not in text
    assert "Ann0,Bauer,[e-mail],[phone],31/31/2026" in page
    assert rows[-1]["raw_text"].startswith("'=HYPERLINK(")


def test_raw_text_is_cut_on_the_page(tea_pages: Path) -> None:
    assert "x" * 161 not in read(tea_pages / "health.html").text


def test_reasons_are_counted_and_the_first_rows_of_each_shown(tea: Warehouse, tea_pages: Path) -> None:
    assert [row["count_rows"] for row in rejected_numbers(tea)] == [8, 1, 1]
    examples = read_csv(tea_pages / "tables" / "health-examples.csv")
    assert [row["line_number"] for row in examples if row["file_name"] == "hubspot/contacts.csv"] == ["40", "41", "42"]


def test_what_is_wrong_comes_with_what_to_do(tea: Warehouse, tea_pages: Path) -> None:
    assert [row["first_file"][:7] for row in problems_numbers(tea)] == ["misc/nu", "zendesk"]
    text = read(tea_pages / "health.html").text
    assert "Set sources.zendesk.zone in journeys.yaml." in text
    assert "numbers from [e-mail]" in text


def test_attention_is_drawn_to_what_matters(tea: Warehouse, facts: Facts) -> None:
    kinds = [item.kind for item in attention.items(tea, facts)]
    assert kinds == [
        "Promise broken", "File not used", "File not used", "Days missing", "Not as expected", "Closed month moved",
    ]  # fmt: skip


def test_lists_with_a_date_are_not_taken_for_daily_data(tea: Warehouse, facts: Facts) -> None:
    tea.execute("update ops.files set days_missing = 90 where file_name = 'hubspot/contacts.csv'")
    try:
        assert "2 days without any row, in 1 file" in " ".join(item.says for item in attention.items(tea, facts))
    finally:
        tea.execute("update ops.files set days_missing = 0 where file_name = 'hubspot/contacts.csv'")


def test_headline(tea: Warehouse, bare: Warehouse, facts: Facts) -> None:
    assert headline(tea, facts).startswith("7 of 9 files used; of 39,118 rows, ")
    assert headline(bare, facts) == "No files yet."


def test_what_was_mended_is_listed_note_by_note(tea: Warehouse, tea_pages: Path) -> None:
    delivered = tea.value("select sum(len(notes)) from ops.files")
    assert sum(row["count_files"] for row in notes_numbers(tea)) == delivered > 0
    text = read(tea_pages / "health.html").text
    assert all(" ".join(row["note"].split())[:30] in text for row in notes_numbers(tea)[:5])


def test_two_exports_of_the_same_orders_are_compared_whichever_way_their_files_stand(tea: Warehouse) -> None:
    pairs = tea.rows(
        "select any_value(file_id), source_system || ' ' || source_export from ops.files where status = 'loaded' "
        "and file_id is not null group by 2 having count(*) = 1 order by 2 limit 2"
    )
    (one, first), (two, second) = pairs
    rows = [
        (one, two, "half_hours", 120, "power_of_ten", 2, 6),
        (two, one, "half_hours", -120, "power_of_ten", -2, 3),
        (one, two, "between", 30, "not_told", 0, 1),
        (one, two, "not_told", 0, "power_of_ten", 0, 3),
    ]
    before = agreement_numbers(tea)
    for row in rows:
        tea.execute("insert into marts.order_agreement values ($1, $2, $3, $4, $5, $6, $7)", list(row))
    try:
        found = agreement_numbers(tea)
    finally:
        tea.execute("delete from marts.order_agreement")
    assert before == []
    assert len(found) == 1
    assert [found[0]["export"], found[0]["other_export"]] == [first, second]
    assert (found[0]["count_orders"], found[0]["minutes_later"], found[0]["times_larger"]) == (13, 120, 100.0)
    assert (round(float(found[0]["time_share"]), 3), round(float(found[0]["amount_share"]), 3)) == (0.9, 0.75)
