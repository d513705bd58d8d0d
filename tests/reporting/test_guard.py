"""Nothing is said on too few cases: every table and every figure of every page, on a shop with a handful of people."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.catalog import read_models
from pipeline.reporting import text
from pipeline.reporting.facts import Facts, read_facts
from pipeline.reporting.page import discover
from pipeline.reporting.render import render_reports
from pipeline.reporting.tables import GUARDED, Column, Table, csv_keys, written
from pipeline.warehouse import Warehouse
from tests.reporting import night_books, shop
from tests.reporting.reading import read, read_csv

#: A share is always written with one decimal and a space; axes, explanations in words and colours are not.
SHARE = re.compile(r"\d\.\d\s%")


@pytest.fixture(scope="module")
def handful() -> Iterator[Warehouse]:
    with shop.empty_marts() as warehouse:
        shop.fill(warehouse, shop.simulate(people=14, seed=3))
        night_books.fill(warehouse, empty=True)
        yield warehouse


@pytest.fixture(scope="module")
def pages(handful: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("handful")
    render_reports(handful, folder)
    return folder


def tables(warehouse: Warehouse) -> Iterator[tuple[str, Table]]:
    facts = read_facts(warehouse)
    for name, page in discover().items():
        content = page.content(warehouse, facts)
        for table in (*(figure.table for figure in content.figures), *content.tables):
            yield f"{name}/{table.name}", table


def columns(warehouse: Warehouse) -> Iterator[tuple[str, Column, Table]]:
    for name, table in tables(warehouse):
        for column in table.columns:
            yield f"{name}.{column.key}", column, table


def test_no_column_holds_a_share_a_mean_or_a_median_without_its_n(tea: Warehouse) -> None:
    guarded = {name: column for name, column, _ in columns(tea) if column.kind in GUARDED}
    assert {name for name, column in guarded.items() if not column.n} == set()
    for name, column, table in columns(tea):
        assert not (name in guarded and table.rows) or {column.n, column.key} <= set(table.rows[0]), name


def test_a_share_that_is_no_column_of_a_guarded_kind_is_found_by_its_name(tea: Warehouse) -> None:
    # A rank is a place and no measure.
    named = re.compile(r"_(share|rate)$|(?<!^rank)_(low|high)$|^(mean|median)_")
    assert {
        name for name, column, _ in columns(tea) if named.search(column.key) and column.kind not in GUARDED
    } == set()


@pytest.mark.parametrize("name", list(discover()))
def test_no_page_of_a_handful_of_people_prints_a_share(name: str, pages: Path) -> None:
    page = pages / f"{name}.html"
    assert SHARE.findall(read(page).text) == []
    assert SHARE.findall(re.sub(r"<style>.*?</style>", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)) == []


def test_what_is_not_said_says_how_many_cases_there_are(handful: Warehouse) -> None:
    facts, seen = read_facts(handful), 0
    for name, column, table in columns(handful):
        for row in table.rows if column.kind in GUARDED else ():
            if row.get(column.key) is None and row.get(column.n) is None:
                continue  # There is nothing it could be said of, such as a return without spend.
            assert (row.get(column.n) or 0) < facts.guard_n, name
            assert written(column, row, facts) == text.too_few(row.get(column.n)), name
            seen += 1
    assert seen > 60


def test_no_csv_of_a_handful_of_people_holds_a_share(handful: Warehouse, pages: Path) -> None:
    for name, table in tables(handful):
        hidden = {key for c in table.columns if c.kind in GUARDED for key in (c.key, c.low, c.high) if key}
        for row in read_csv(pages / "tables" / f"{name.replace('/', '-')}.csv"):
            assert {key: row[key] for key, _ in csv_keys(table.columns) if key in hidden and row[key]} == {}, name


def test_drawings_of_a_handful_of_people_are_hollow_and_say_so(pages: Path) -> None:
    drawn = "".join(path.read_text(encoding="utf-8") for path in pages.glob("*.html"))
    assert drawn.count("too few") > 30


def test_one_function_decides_everywhere() -> None:
    """Nothing compares with the guard but `text.enough`, and every share in a mart has the same interval."""
    reporting = Path(text.__file__).parent
    for path in reporting.rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        assert path.name == "text.py" or not re.search(r"[<>]=? *(facts\.)?guard_n|guard_n *[<>]", source), path.name
    asking = {model.name: model.path.read_text(encoding="utf-8") for model in read_models().values()}
    asking["reports"] = (reporting / "sql.py").read_text(encoding="utf-8")
    assert [name for name, source in asking.items() if "wilson_" in source or "exact_low" in source] == []


@pytest.mark.parametrize(("n", "said"), [(29, False), (30, True), (None, False)])
def test_the_guard_lets_through_what_has_cases_enough(n: int | None, said: bool, facts: Facts) -> None:
    assert text.enough(n, facts.guard_n) is said
    mean = Column("m", "M", "mean", low="l", high="h", n="n")
    span = Column("m", "M", "range", low="l", high="h", n="n")
    row = {"m": 12.5, "l": 10, "h": 15.25, "n": n}
    assert written(mean, row, facts) == ("12.50 (10.00 to 15.25)" if said else text.too_few(n))
    assert written(span, row, facts) == ("10.00 to 15.25" if said else text.too_few(n))
