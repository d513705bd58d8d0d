"""Numbers and drawings are twins: a figure draws what its function returns, and the page and the CSV print just that."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pipeline.catalog import inputs_of
from pipeline.reporting import html
from pipeline.reporting.facts import Facts
from pipeline.reporting.page import Figure, discover
from pipeline.reporting.tables import STEP, Column, Table, csv_keys, written
from pipeline.warehouse import Warehouse
from tests.reporting.reading import read, read_csv

FIGURES = [
    *(f"overview/{name}" for name in ("revenue", "orders", "visits", "untracked", "channels", "daily")),
    *(f"funnels/{name}" for name in ("steps", "segments", "trends", "times")),
    *(f"paths/{name}" for name in ("forward", "backward", "lengths", "length-rates", "lags", "last-lags")),
    *(f"paths/forward-{kind}" for kind in ("stage", "page-group", "interaction")),
    *(f"paths/around-{kind}" for kind in ("page-group", "interaction")),
    *(f"stages/{name}" for name in ("funnel", "step-rates", "channel-steps", "month-steps", "waiting")),
    *(
        f"drop_off/{name}"
        for name in ("losses", "stops-channel", "stops-device", "stops-page", "recovered", "next", "carts")
    ),
    *(f"attribution/{name}" for name in ("intervals", "revenue", "orders")),
    *(f"money/{name}" for name in ("roas", "months", "claims")),
    *(f"ledger/{name}" for name in ("sources", "credit")),
    *(f"sensitivity/{name}" for name in ("holds", "shares")),
    "tracking/gap",
    *(f"identity/{name}" for name in ("customers", "sizes", "sensitivity")),
    *(f"evidence/{name}" for name in ("channels", "experiments", "converting", "dropping")),
    "health/coverage",
]


def figures(warehouse: Warehouse, facts: Facts) -> dict[str, Figure]:
    found = {}
    for name, page in discover().items():
        found |= {f"{name}/{figure.name}": figure for figure in page.content(warehouse, facts).figures}
    return found


def tables(warehouse: Warehouse, facts: Facts) -> Iterator[tuple[str, Table]]:
    for name, page in discover().items():
        content = page.content(warehouse, facts)
        for table in (*(figure.table for figure in content.figures), *content.tables):
            yield name, table


@pytest.fixture(scope="module")
def drawn(tea: Warehouse, facts: Facts) -> dict[str, Figure]:
    return figures(tea, facts)


def test_every_figure_is_in_the_list_of_this_test(drawn: dict[str, Figure]) -> None:
    assert sorted(drawn) == sorted(FIGURES)


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_draws_what_its_function_returns(name: str, drawn: dict[str, Figure], tea: Warehouse) -> None:
    page, figure = name.split("/")
    numbers = importlib.import_module(f"pipeline.reporting.numbers.{page}")
    twin = getattr(numbers, f"{figure.replace('-', '_')}_numbers")
    assert drawn[name].numbers == twin(tea)


@pytest.mark.parametrize("name", FIGURES)
def test_the_table_below_a_figure_is_its_numbers(name: str, drawn: dict[str, Figure]) -> None:
    assert drawn[name].numbers, "the tea shop draws every figure"
    assert drawn[name].table.rows == drawn[name].numbers


@pytest.mark.parametrize("name", FIGURES)
def test_a_drawing_needs_nothing_but_its_numbers(name: str, drawn: dict[str, Figure], facts: Facts) -> None:
    figure = drawn[name]
    sheet = figure.draw([dict(row) for row in figure.numbers], facts)
    assert sheet.svg("x", "title") == figure.draw(figure.numbers, facts).svg("x", "title")


def test_a_csv_holds_the_rows_of_its_table(tea: Warehouse, facts: Facts, tea_pages: Path) -> None:
    for page, table in tables(tea, facts):
        rows = read_csv(tea_pages / "tables" / f"{page}-{table.name}.csv")
        expected = [*table.rows, *([table.totals] if table.totals else [])]
        assert len(rows) == len(expected), table.name
        for shown, row in zip(rows, expected, strict=True):
            for key, kind in csv_keys(table.columns):
                if kind != "raw" and not _is_guarded(table.columns, key, row, facts):
                    assert _read_back(shown[key], row.get(key)) == row.get(key), (table.name, key)


def _is_guarded(columns: tuple[Column, ...], key: str, row: dict[str, Any], facts: Facts) -> bool:
    return any(
        not column.is_said(row, facts.guard_n)
        for column in columns
        if column.n and key in (column.key, column.low, column.high)
    )


def _read_back(cell: str, like: Any) -> Any:
    if like is None or cell == "":
        return None if like is None else like if like in ("", []) else cell
    if isinstance(like, bool):
        return cell == "true"
    if isinstance(like, (int, float, Decimal)):
        return type(like)(cell)
    if isinstance(like, datetime):
        return datetime.fromisoformat(cell).replace(microsecond=like.microsecond)
    if isinstance(like, date):
        return date.fromisoformat(cell)
    if isinstance(like, list):
        return cell.split(STEP)
    # Personal data is masked on purpose; what is left of the text must still be there.
    return like if "[e-mail]" in cell or cell == f"'{like}" else cell


def test_the_page_prints_every_number_of_its_tables(tea: Warehouse, facts: Facts, tea_pages: Path) -> None:
    text = {name: " ".join(read(tea_pages / f"{name}.html").text.split()) for name in discover()}
    for page, table in tables(tea, facts):
        for row in table.rows[: html.MOST_ROWS]:
            for column in table.columns:
                if column.kind in ("count", "money", "decimal", "share", "day", "month"):
                    assert " ".join(written(column, row, facts).split()) in text[page], (table.name, column.key)


class _Spy:
    """Notes the SQL that a page runs."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse
        self.asked: list[str] = []

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._warehouse, name)
        if name not in ("rows", "records", "value", "arrow"):
            return found

        def noted(sql: str, *args: Any) -> Any:
            self.asked.append(sql)
            return found(sql, *args)

        return noted


def test_reports_read_marts_books_and_settings_only(tea: Warehouse, facts: Facts) -> None:
    spy: Any = _Spy(tea)
    for page in discover().values():
        page.content(spy, facts)
        page.headline(spy, facts)
    read_tables = {name for sql in spy.asked for name in inputs_of(sql)}
    assert {name.split(".")[0] for name in read_tables} == {"marts", "ops", "config"}
    assert {name for name in read_tables if name.startswith("marts.")} == {
        f"marts.{name}" for name in tea.tables("marts")
    }
