"""Ids are text: every digit is kept, and one that a spreadsheet has shortened is refused with the reason."""

from __future__ import annotations

import io
import json

import openpyxl
import pytest

from tests.projects import HEADER, files_of, validated

IDS = """
generic:
  - name: orders
    files: ["orders*"]
    zone: UTC
    currency: USD
    key: [order]
    shapes:
      orders:
        order_ref: order
        ordered_at: at
        gross: amount
        phone: phone
        loyalty_id: card
"""
COLUMNS = ["order", "at", "amount", "phone", "card"]
AT = "2026-09-01 10:00"
#: What is written in a text file, and what it has to become; None is refused.
WRITTEN = [
    (["00042", AT, "5.00", "", "007"], ("00042", None, "007")),
    (["1234567890123456789", AT, "5.00", "", "1234567890123456780"], ("1234567890123456789", None, "1234567890123456780")),
    (["12E5", AT, "5.00", "", "1E5"], ("12E5", None, "1E5")),
    (["A+1.5E+12", AT, "5.00", "+1 212 555 0100", ""], ("A+1.5E+12", "+1 212 555 0100", None)),
    (["1.23E+12", AT, "5.00", "", ""], None),
    (["1,23e+12", AT, "5.00", "", ""], None),
    (["7", AT, "5.00", "1.2125E+10", ""], None),
    (["8", AT, "5.00", "", "5E+11"], None),
]  # fmt: skip
KEPT = sorted(became for _, became in WRITTEN if became)


def text(rows: list[list[str]]) -> str:
    return "\n".join(";".join(row) for row in [COLUMNS, *rows]) + "\n"


def workbook(rows: list[list[object]]) -> bytes:
    book = openpyxl.Workbook()
    for row in [COLUMNS, *rows]:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def orders(night) -> list[tuple]:
    return night.warehouse.rows("select order_ref, phone, loyalty_id from validated.orders order by all")


@pytest.mark.parametrize("form", ["text", "workbook"])
def test_digits_are_kept_and_shortened_ids_are_refused(form, tmp_path) -> None:
    rows = [row for row, _ in WRITTEN]
    files = {"orders.csv": text(rows)} if form == "text" else {"orders.xlsx": workbook([list(row) for row in rows])}
    with validated(tmp_path, files, IDS) as night:
        assert orders(night) == KEPT
        row = next(iter(files_of(night).values()))
        assert (row["rows_read"], row["rows_accepted"], row["rows_rejected"]) == (8, 4, 4)
        refused = night.warehouse.records("select * from ops.rejected_rows order by line_number")
        assert {r["rule"] for r in refused} == {"id_is_not_scientific_notation"}
        assert [r["line_number"] for r in refused] == [6, 7, 8, 9]
        assert refused[2]["reason"] == (
            'phone "1.2125E+10" was shortened to scientific notation, which loses digits: the file was opened and saved '
            "in a spreadsheet; export it again, or format the column as text before saving"
        )
        assert json.loads(refused[2]["raw_text"])["order"] == "7"


def test_a_refused_order_still_stands_among_the_rows_of_its_export(tmp_path) -> None:
    """The ledger counts its amount as rejected."""
    with validated(tmp_path, {"orders.csv": text([["1.23E+12", AT, "5.00", "", ""]])}, IDS) as night:
        assert night.warehouse.rows("select gross from staged.orders") == night.warehouse.rows("select 5.0000")
        assert orders(night) == []


def test_whole_numbers_of_a_workbook_are_ids_up_to_where_it_keeps_every_digit(tmp_path) -> None:
    exact = 2**53 - 1
    rows = [[1001.0, AT, 5, None, exact], [1002, AT, 5, None, 4.5], [1003, AT, 5, None, 1234567890123456789]]
    with validated(tmp_path, {"orders.xlsx": workbook(rows)}, IDS) as night:
        assert orders(night) == [("1001", None, str(exact)), ("1002", None, "4.5")]
        assert [r[0] for r in night.warehouse.rows("select line_number from ops.rejected_rows")] == [4]


@pytest.mark.parametrize("form", ["lines", "document"])
def test_numbers_of_json_keep_their_digits(form, tmp_path) -> None:
    number = 1234567890123456789012
    record = f'{{"order": {number}, "at": "{AT}", "amount": 5, "phone": null, "card": 9007199254740993}}'
    content = record if form == "lines" else f"[{record}, {record.replace('12,', '13,')}]"
    settings = IDS.replace("orders*", "orders.json")
    with validated(tmp_path, {"orders.json": content}, settings) as night:
        assert orders(night)[0] == (str(number), None, "9007199254740993")


def test_names_and_notes_may_look_like_numbers(tmp_path) -> None:
    """Only columns that hold ids are looked at."""
    row = "1,2026-09-01 10:00,1.23E+12,10.00,USD\n"
    with validated(tmp_path, {"kiosk.csv": f"{HEADER}\n{row}"}) as night:
        assert files_of(night)["kiosk.csv"]["rows_accepted"] == 1
