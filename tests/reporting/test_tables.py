from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest

from pipeline.reporting import html
from pipeline.reporting.facts import Facts
from pipeline.reporting.tables import Column, Table, csv_cell, to_csv

RATE = Column("rate", "Rate", "rate", low="rate_low", high="rate_high", n="n")


@pytest.mark.parametrize(
    "value, kind, cell",
    [
        ("=1+1", "text", "'=1+1"),
        ("+1", "channel", "'+1"),
        ("-1", "text", "'-1"),
        ("@SUM(1)", "text", "'@SUM(1)"),
        ("\t=1", "raw", "'\t=1"),
        ("\r=1", "text", "'\r=1"),
        (["=cmd()", "Email"], "path", "'=cmd() › Email"),
        (-5, "count", "-5"),
        (Decimal("-12.50"), "money", "-12.50"),
        (Decimal("0E-6"), "money", "0.000000"),
        (-0.5, "share", "-0.5"),
        (date(2026, 9, 1), "day", "2026-09-01"),
        (datetime(2026, 9, 1, 3), "moment", "2026-09-01 03:00:00"),
        (True, "flag", "true"),
        (None, "money", ""),
        ("ann@example.org", "text", "[e-mail]"),
    ],
)
def test_cells_of_a_csv(value: object, kind: str, cell: str) -> None:
    assert csv_cell(value, kind) == cell


def test_a_rate_brings_its_interval_and_n_and_is_left_out_on_few_cases(facts: Facts) -> None:
    rows = [
        {"rate": 0.5, "rate_low": 0.4, "rate_high": 0.6, "n": 30},
        {"rate": 0.5, "rate_low": 0.1, "rate_high": 0.9, "n": 7},
    ]
    written = to_csv(Table("t", "T", (RATE,), rows), facts).decode("utf-8-sig")
    assert written == "n,rate,rate_low,rate_high\r\n30,0.5,0.4,0.6\r\n7,,,\r\n"


def test_text_is_escaped_and_long_text_kept_in_a_tip(facts: Facts) -> None:
    name = "<b>" + "x" * 100
    shown = html.cell(Column("a", "A", most=10), {"a": name}, facts, 0)
    assert shown == f'<bdi title="&lt;b&gt;{"x" * 100}">&lt;b&gt;xxxxxx…</bdi>'


def test_a_rate_on_few_cases_is_said_to_be_one(facts: Facts) -> None:
    shown = html.cell(RATE, {"rate": 0.5, "rate_low": 0.1, "rate_high": 0.9, "n": 7}, facts, 1.0)
    assert shown == '<span class="few">too few to say (n\u00a0=\u00a07)</span>'


def test_long_tables_are_folded_and_very_long_ones_end_in_the_csv(facts: Facts) -> None:
    rows = [{"a": i} for i in range(300)]
    view = html.table_view(Table("t", "T", (Column("a", "A", "count"),), rows, shown=25), facts)
    assert (len(view["rows"]), len(view["more"]), view["left_out"]) == (25, 175, 100)
    assert to_csv(Table("t", "T", (Column("a", "A", "count"),), rows), facts).count(b"\r\n") == 301
