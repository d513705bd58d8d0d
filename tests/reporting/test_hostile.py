"""Channels and campaigns that carry markup, formulas, other directions, formulas of TeX and 300 letters."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.reporting.conftest import HOSTILE
from tests.reporting.reading import read, read_csv

PAGES = ["overview", "paths", "stages", "attribution"]


@pytest.mark.parametrize("name", PAGES)
def test_names_are_shown_as_text(name: str, hostile_pages: Path) -> None:
    text = (hostile_pages / f"{name}.html").read_text(encoding="utf-8")
    page = read(hostile_pages / f"{name}.html")
    assert "<script" not in text
    assert "&lt;script&gt;" in text
    assert not any("onerror" in attrs or "onclick" in attrs for _, attrs in page.tags)
    assert "A > B › C" in page.text


@pytest.mark.parametrize("name", PAGES)
def test_names_neither_turn_the_text_nor_stretch_the_page(name: str, hostile_pages: Path) -> None:
    page = read(hostile_pages / f"{name}.html")
    assert "\u202e" not in page.text + "".join(page.values("title"))
    drawn = page.text.replace("x" * 300, "", page.text.count("x" * 300))
    assert "x" * 61 not in drawn


def test_whole_names_are_in_a_tip(hostile_pages: Path) -> None:
    assert "x" * 300 in read(hostile_pages / "overview.html").values("title")


def test_an_address_in_a_name_is_masked_everywhere(hostile_pages: Path) -> None:
    for path in hostile_pages.rglob("*.*"):
        assert b"ann.bauer@" not in path.read_bytes(), path.name


def test_no_cell_of_a_csv_runs_as_a_formula(hostile_pages: Path) -> None:
    for path in sorted(hostile_pages.glob("tables/*.csv")):
        for row in read_csv(path):
            for cell in row.values():
                is_number = cell.lstrip("-").replace(".", "", 1).replace("e-", "", 1).isdigit()
                assert is_number or not cell.startswith(("=", "+", "-", "@", "\t", "\r")), (path.name, cell)


def test_names_are_whole_in_the_csv(hostile_pages: Path) -> None:
    found = {row["channel"].removeprefix("'") for row in read_csv(hostile_pages / "tables" / "overview-channels.csv")}
    assert {name for name in HOSTILE.values() if "@" not in name} <= found
