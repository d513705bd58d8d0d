"""Encodings, delimiters, layouts and packings all give the same rows, with the line each came from."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zipfile
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.ingest.grid import delimited
from tests.projects import HEADER, KIOSK, files_of, kiosk_rows, validated

ROWS = [
    ["1", "2026-09-01 10:00", "ann@example.com", "1,234.50", "USD"],
    ["2", "2026-09-02 11:30", "bé@example.com", "7.00", "EUR"],
]
SETTINGS = KIOSK + "money: {rates_file: rates.csv}\n"
EXPECTED = [
    ("1", "2026-09-01 14:00:00", "ann@example.com", "1234.5000", "USD"),
    ("2", "2026-09-02 15:30:00", "bé@example.com", "7.0000", "EUR"),
]


def table(delimiter: str = ",", newline: str = "\n", before: str = "", after: str = "") -> str:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator=newline)
    writer.writerow(HEADER.split(","))
    writer.writerows(ROWS)
    return before + out.getvalue() + after


def workbook() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Kiosk tickets"])
    sheet.append([])
    sheet.append(HEADER.split(","))
    for row in ROWS:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def parquet() -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table({name: [row[i] for row in ROWS] for i, name in enumerate(HEADER.split(","))}), out)
    return out.getvalue()


def zipped(name: str, content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, content)
    return out.getvalue()


RECORDS = [dict(zip(HEADER.split(","), row, strict=True)) for row in ROWS]
FORMS: dict[str, tuple[str, bytes]] = {
    "utf-8": ("kiosk.csv", table().encode()),
    "utf-8 with a mark": ("kiosk.csv", table().encode("utf-8-sig")),
    "utf-16 little": ("kiosk.csv", table().encode("utf-16")),
    "utf-16 big without a mark": ("kiosk.csv", table().encode("utf-16-be")),
    "windows-1252": ("kiosk.csv", table().encode("cp1252")),
    "semicolons": ("kiosk.csv", table(";").encode()),
    "tabs in a text file": ("kiosk.txt", table("\t").encode()),
    "pipes": ("kiosk.tsv", table("|").encode()),
    "crlf": ("kiosk.csv", table(newline="\r\n").encode()),
    "old mac line ends": ("kiosk.csv", table(newline="\r").encode()),
    "title and total rows": (
        "kiosk.csv",
        table(before="Tickets of the kiosk\n\n", after="Total,,,1241.50,\n").encode(),
    ),
    "blank and empty rows": ("kiosk.csv", table(after="\n,,,,\n\n").encode()),
    "header twice": ("kiosk.csv", table(after=HEADER + "\n").encode()),
    "gzip": ("kiosk.csv.gz", gzip.compress(table().encode())),
    "zip in a folder": ("kiosk.zip", zipped("export/tickets.csv", table().encode("utf-16"))),
    "zip of gzip": ("kiosk.zip", zipped("tickets.csv.gz", gzip.compress(table().encode()))),
    "workbook": ("kiosk.xlsx", workbook()),
    "workbook with a wrong ending": ("kiosk.csv", workbook()),
    "parquet": ("kiosk.parquet", parquet()),
    "json lines": ("kiosk.jsonl", "\n".join(json.dumps(r) for r in RECORDS).encode()),
    "json list": ("kiosk.json", json.dumps(RECORDS, indent=2, ensure_ascii=False).encode()),
    "json list in utf-16": ("kiosk.json", json.dumps(RECORDS, ensure_ascii=False).encode("utf-16")),
    "gzipped json lines": ("kiosk.json.gz", gzip.compress("\n".join(json.dumps(r) for r in RECORDS).encode())),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_a_file_gives_the_same_rows(form, tmp_path) -> None:
    name, content = FORMS[form]
    settings_text = SETTINGS
    if "json" in name:
        settings_text = settings_text.replace('["kiosk/*", "*/kiosk*", "kiosk*"]', f'["{name}"]')
    (tmp_path / "rates.csv").write_text("day,currency,rate\n2026-01-01,EUR,1.1\n")
    with validated(tmp_path, {name: content}, settings_text) as night:
        assert [tuple(map(str, row)) for row in kiosk_rows(night)] == EXPECTED
        assert [f["rows_read"] for f in files_of(night).values()] == [2]


def test_a_json_document_with_its_records_inside(tmp_path) -> None:
    document = json.dumps({"meta": {"n": 2}, "data": {"tickets": RECORDS}})
    text = SETTINGS.replace('["kiosk/*", "*/kiosk*", "kiosk*"]', '["a.json"]\n    records: "$.data.tickets[*]"')
    (tmp_path / "rates.csv").write_text("day,currency,rate\n2026-01-01,EUR,1.1\n")
    with validated(tmp_path, {"a.json": document}, text) as night:
        assert [tuple(map(str, row)) for row in kiosk_rows(night)] == EXPECTED


def test_a_broken_json_document_is_refused_with_the_place(tmp_path) -> None:
    text = KIOSK.replace('["kiosk/*", "*/kiosk*", "kiosk*"]', '["a.json"]')
    with validated(tmp_path, {"a.json": json.dumps(RECORDS)[:-20]}, text) as night:
        row = files_of(night)["a.json"]
    assert row["status"] == "unreadable"
    assert "after record 1" in row["problem"]


def test_decimal_commas_are_read_when_the_settings_say_so(tmp_path) -> None:
    text = f'{HEADER}\n1,2026-09-01 10:00,a@example.com,"1.234,50",USD\n'.replace(",", ";").replace(
        '"1.234;50"', "1.234,50"
    )
    with validated(
        tmp_path,
        {"kiosk.csv": text},
        KIOSK.replace("currency: USD\n    key", "currency: USD\n    decimal_mark: ','\n    key"),
    ) as night:
        assert [str(row[3]) for row in kiosk_rows(night)] == ["1234.5000"]


CELLS = st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\0", exclude_categories=("Cs",)), max_size=12)


@settings(max_examples=150, deadline=None)
@given(
    rows=st.lists(st.lists(CELLS, min_size=2, max_size=4), min_size=1, max_size=30),
    newline=st.sampled_from(["\n", "\r\n"]),
)
def test_what_a_csv_writer_writes_is_read_with_the_right_lines(rows, newline, tmp_path_factory) -> None:
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    starts, text = [], ""
    for row in rows:
        out = io.StringIO()
        csv.writer(out, lineterminator=newline, quoting=csv.QUOTE_ALL).writerow(row)
        starts.append(1 + text.count("\n") + text.count("\r") - text.count("\r\n"))
        text += out.getvalue()
    path.write_bytes(text.encode("utf-8"))
    chunks = list(delimited(path, ",", 1_000_000))
    assert [row for chunk in chunks for row in chunk.rows] == rows
    assert [line for chunk in chunks for line in chunk.lines] == starts
    assert not any(chunk.bad for chunk in chunks)


@settings(max_examples=100, deadline=None)
@given(lines=st.lists(st.text(alphabet='a",\n', max_size=20), max_size=40))
def test_no_line_of_a_broken_file_is_lost(lines, tmp_path_factory) -> None:
    """Every line that holds text stands in a row or in a bad row, whatever its quotes."""
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    chunks = list(delimited(path, ",", 1_000_000))
    read = "".join(cell for chunk in chunks for row in chunk.rows for cell in row) + "".join(
        b.text for c in chunks for b in c.bad
    )
    assert read.count("a") == "\n".join(lines).count("a")
    numbers = [line for chunk in chunks for line in chunk.lines]
    assert numbers == sorted(set(numbers))


def test_a_file_that_is_all_one_unclosed_quote_keeps_its_other_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('a,b\n1,"x\n' + "\n".join(f"{i},y" for i in range(2, 2000)), encoding="utf-8")
    chunks = list(delimited(path, ",", 1_000_000))
    rows = [row for chunk in chunks for row in chunk.rows]
    bad = [b for chunk in chunks for b in chunk.bad]
    assert rows[0] == ["a", "b"]
    assert len(rows) == 1999
    assert [(b.line_number, b.reason) for b in bad] == [(2, "a quote opens here and is not closed within 500 lines")]
