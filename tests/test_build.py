"""What a run keeps of what it has built, and how a table comes with its comments in one step."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pipeline.build import Versions
from pipeline.warehouse import Warehouse, WarehouseError


@pytest.fixture
def warehouse() -> Iterator[Warehouse]:
    with Warehouse.open() as opened:
        yield opened


def test_a_first_version_waits_and_a_changed_one_is_kept_at_once(warehouse) -> None:
    versions = Versions(warehouse)
    versions.set("core.a", "1", 10, 0.0)
    versions.set("core.b", "1", 20, 0.0)
    assert Versions(warehouse).of("core.a") is None
    versions.keep()
    versions.set("core.c", "1", 30, 0.0)
    # The run dies after this line: the table that was there before must not stand under its old version.
    versions.set("core.a", "2", 11, 0.0)
    after = Versions(warehouse)
    assert [after.of(f"core.{name}") for name in "abc"] == ["2", "1", "1"]
    assert [after.rows(f"core.{name}") for name in "abc"] == [11, 20, 30]


def test_versions_are_kept_while_a_long_run_goes_on(warehouse, monkeypatch) -> None:
    seconds = iter([0.0, 1.0, 5.0, 5.0])
    monkeypatch.setattr("pipeline.build.time.monotonic", lambda: next(seconds))
    versions = Versions(warehouse)
    versions.set("core.a", "1", 1, 0.0)
    assert warehouse.value("select count(*) from private.built") == 0
    versions.set("core.b", "1", 1, 0.0)
    assert warehouse.value("select count(*) from private.built") == 2


def test_what_was_forgotten_does_not_come_back(warehouse) -> None:
    versions = Versions(warehouse)
    versions.set("core.a", "1", 1, 0.0)
    versions.forget()
    versions.keep()
    assert Versions(warehouse).of("core.a") is None


def test_a_table_is_made_with_its_comments_or_stays_what_it_was(warehouse) -> None:
    assert warehouse.create("core.a", "select 1 as x", meaning="One row.", columns={"x": "One."}) == 1
    with pytest.raises(WarehouseError, match="no_such"):
        warehouse.create("core.a", "select 2 as x, 3 as y", meaning="Two.", columns={"no_such": "None."})
    assert warehouse.rows("select * from core.a") == [(1,)]
    said = warehouse.rows("select comment from duckdb_columns() where table_name = 'a'")
    assert said == [("One.",)]


def test_a_view_takes_the_place_of_a_table_with_its_comments(warehouse) -> None:
    warehouse.create("core.a", "select 1 as x")
    assert warehouse.create("core.a", "select 2 as x", kind="view", meaning="Two.", columns={"x": "Two."}) == 0
    assert warehouse.rows("select * from core.a") == [(2,)]
    assert warehouse.value("select comment from duckdb_views() where view_name = 'a'") == "Two."


def test_a_select_that_cannot_be_folded_is_made_with_its_comments(warehouse) -> None:
    warehouse.create("core.nothing", "select null::varchar as a from range(3)")
    select = "select case when a is not null then 'x' end = 'y' as b from core.nothing"
    assert warehouse.create("core.folded", select, meaning="One row.", columns={"b": "Nothing."}) == 3
    assert warehouse.value("select comment from duckdb_columns() where table_name = 'folded'") == "Nothing."
