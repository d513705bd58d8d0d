"""definitions.md 5.18: one file in eight encodings and locales is one table; ids that lost digits are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.projects import validated

SETTINGS = """
reporting: {zone: UTC, currency: EUR}
generic:
  - name: shop
    files: ["shop*"]
    zone: Europe/Berlin
    currency: EUR
    key: [Bestellung]
    shapes:
      orders: {order_ref: Bestellung, ordered_at: Zeit, gross: Betrag, discount: Rabatt, order_name: Name, phone: Telefon}
      events: {occurred_at: Zeit, interaction: {value: purchase}, order_ref: Bestellung, amount: Betrag, phone: Telefon}
"""
#: Order number, time, amount and discount in cents, name, phone.
ORDERS = [
    ("00017", "2026-09-01 10:00", 123450, 5000, "Grüner Tee; lose", "+49 30 555 0100"),
    ("1234567890123456789", "2026-09-01 23:30", 100000, 0, 'Kanne "Süd"', "030 5550101"),
    ("18", "2026-10-25 02:30", 799, 99, "Café, gemahlen", ""),
    ("19", "2026-03-29 02:30", 123456700, 100, "Überraschung", ""),
]


def written(separator: str, mark: str, is_grouped: bool = True, is_quoted: bool = False) -> str:
    def money(cents: int) -> str:
        text = f"{cents / 100:,.2f}" if is_grouped else f"{cents / 100:.2f}"
        return text.translate(str.maketrans(",.", ".,")) if mark == "," else text

    def cell(text: str) -> str:
        needs = is_quoted or separator in text or '"' in text
        return '"' + text.replace('"', '""') + '"' if needs else text

    rows = [["Bestellung", "Zeit", "Betrag", "Rabatt", "Name", "Telefon"]]
    rows += [[ref, at, money(gross), money(less), name, phone] for ref, at, gross, less, name, phone in ORDERS]
    return "".join(separator.join(map(cell, row)) + "\n" for row in rows)


LOCALES: dict[str, bytes] = {
    "utf-8, comma, decimal point": written(",", ".").encode(),
    "utf-8 with a mark": written(",", ".").encode("utf-8-sig"),
    "utf-16 with a mark": written("\t", ".").encode("utf-16"),
    "windows-1252, semicolon, decimal comma": written(";", ",").encode("cp1252"),
    "utf-8, semicolon, decimal comma without thousands": written(";", ",", is_grouped=False).encode(),
    "tab, decimal comma": written("\t", ",").encode(),
    "everything quoted, comma, decimal comma": written(",", ",", is_quoted=True).encode(),
    "pipes, line ends of windows": written("|", ".").replace("\n", "\r\n").encode(),
}


def tables(folder: Path, content: bytes) -> dict[str, list[dict[str, object]]]:
    with validated(folder, {"shop.csv": content}, SETTINGS) as night:
        return {
            shape: night.warehouse.records(f"select * exclude (file_id) from validated.{shape} order by line_number")
            for shape in ("orders", "events")
        }


@pytest.fixture(scope="module")
def first(tmp_path_factory) -> dict[str, list[dict[str, object]]]:
    return tables(tmp_path_factory.mktemp("first"), next(iter(LOCALES.values())))


def test_the_first_says_what_was_written(first) -> None:
    assert [
        (o["order_ref"], int(o["gross"] * 100), int(o["discount"] * 100), o["order_name"]) for o in first["orders"]
    ] == [(ref, gross, less, name) for ref, _, gross, less, name, _ in ORDERS]
    assert len(first["events"]) == 4


@pytest.mark.parametrize("locale", list(LOCALES)[1:])
def test_every_locale_gives_the_same_tables(locale, first, tmp_path: Path) -> None:
    found = tables(tmp_path, LOCALES[locale])
    # Natural keys are made of text; ids of rows are the same in every locale too.
    assert found == first


def test_an_id_that_a_spreadsheet_shortened_is_refused_with_the_reason(tmp_path: Path) -> None:
    content = LOCALES["utf-8, comma, decimal point"].replace(b"1234567890123456789", b"1.23457E+18")
    with validated(tmp_path, {"shop.csv": content}, SETTINGS) as night:
        assert night.warehouse.value("select count(*) from validated.orders") == 3
        rule, reason = night.warehouse.rows("select rule, reason from ops.rejected_rows")[0]
    assert rule == "id_is_not_scientific_notation"
    assert reason.startswith('Bestellung "1.23457E+18" was shortened to scientific notation, which loses digits')
