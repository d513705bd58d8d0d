from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from pipeline.reporting import text
from pipeline.reporting.facts import Facts

GAP = "\u00a0"


def test_numbers_are_written_with_separators_and_units() -> None:
    assert text.count(12345) == "12,345"
    assert text.money(Decimal("-0.001")) == "0.00"
    assert text.money(Decimal("1234567.5")) == "1,234,567.50"
    assert text.money(Decimal("1234.5"), 0) == "1,234"
    assert text.share(0.12345) == f"12.3{GAP}%"
    assert text.interval(0.091, 0.164) == f"9.1–16.4{GAP}%"
    assert text.day(date(2026, 9, 1)) == "1 Sep 2026"
    assert text.period(date(2025, 12, 30), date(2026, 1, 2)) == "30 Dec 2025 – 2 Jan 2026"
    assert [text.compact(v) for v in (0, 2.5, 950, 12500, 3_000_000)] == ["0", "2.5", "950", "12.5k", "3M"]
    assert [text.days(v) for v in (None, 0.01, 0.5, 12.34)] == ["–", "14 min", "12.0 hours", "12.3 days"]
    assert [text.exact(v) for v in (810.0, 8776.75, None)] == ["810", "8,776.75", "–"]
    assert text.plural(1, "person", "people") == "1 person"


def test_a_rate_on_few_cases_is_not_said() -> None:
    assert text.rate(0.5, 0.2, 0.8, 7, 30) == f"too few to say (n{GAP}={GAP}7)"
    assert text.rate(0.5, 0.4, 0.6, 30, 30) == f"50.0{GAP}% (40.0–60.0{GAP}%)"
    assert text.rate(None, None, None, None, 30) == f"too few to say (n{GAP}={GAP}0)"


@pytest.mark.parametrize(
    "raw, shown",
    [
        ("ann.bauer+x@example.org", "[e-mail]"),
        ("to=ann%40example.org&x=1", "to=[e-mail]&x=1"),
        ('{"mail":"ÄNN@exämple.org","n":1}', '{"mail":"[e-mail]","n":1}'),
        ("ann@localhost", "[e-mail]"),
        ("call +49 171 2345678 now", "call [phone] now"),
        ("(0171) 555-0199", "[phone]"),
        ("01715550199", "[phone]"),
        ("555.123.4567", "[phone]"),
        ("2026-09-01 12:30:05,ok", "2026-09-01 12:30:05,ok"),
        ("31/12/2026", "31/12/2026"),
        ("order 100234 for 12345.67", "order 100234 for 12345.67"),
        ("12,50 and 1,234.50", "12,50 and 1,234.50"),
    ],
)
def test_personal_data_is_masked_and_the_rest_stays(raw: str, shown: str) -> None:
    assert text.mask_personal(raw) == shown


def test_masking_takes_no_time_on_long_text() -> None:
    assert len(text.mask_personal(("a" * 50 + "." + "1 " * 50) * 2000)) > 1000


def test_text_for_people_has_one_direction_and_one_line() -> None:
    assert text.clean("a\u202eb\tc\r\nd\x00e\ud800f") == "ab c d e f"


def test_long_text_is_cut_between_joined_characters() -> None:
    assert text.shorten("abcdef", 4) == "abc…"
    assert text.shorten("ab👩\u200d👧cd", 4) == "ab…"
    assert text.shorten("abcd", 4) == "abcd"


def test_models_unknown_to_reports_still_have_a_name_and_a_place() -> None:
    assert text.model_name("my_model") == "My model"
    assert sorted(["my_model", "last", "first"], key=text.model_order) == ["first", "last", "my_model"]


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        (0, "EUR 0.00"),
        (999.5, "EUR 999.50"),
        (41_156.16, "EUR 41,156"),
        (5_056_398.99, "EUR 5.06M"),
        (2.5e9, "EUR 2.5bn"),
    ],
)
def test_a_tile_has_room_for_any_amount(amount: float, written: str, facts: Facts) -> None:
    assert facts.tile_money(amount).replace("\u00a0", " ") == written
