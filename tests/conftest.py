from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest

from pipeline.empty import empty_warehouse
from pipeline.validate.expectations import RESULTS
from pipeline.warehouse import OPTIONS, Warehouse
from tests.projects import drawn


@pytest.fixture(scope="session", autouse=True)
def _nothing_waits_for_the_disk() -> Iterator[None]:
    """No test cuts the power, so none needs its rows on the disk; and each worker of pytest has one core.

    What must not depend on the number of threads is tested with several, which the settings of those tests ask for.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(OPTIONS, "fsync_mode", "NONE")
        patch.setitem(OPTIONS, "threads", 1)
        patch.setattr("os.fsync", lambda _file: None)
        yield


@pytest.fixture(scope="session")
def empty() -> Iterator[Warehouse]:
    """The whole warehouse without rows; a test that writes must put back what it changed."""
    with empty_warehouse() as warehouse:
        yield warehouse


def _one_page(_warehouse: object, folder: Path) -> list[object]:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "index.html").write_text("drawn")
    return []


@pytest.fixture(scope="session", autouse=True)
def _no_pages() -> Iterator[None]:
    """Pages take as long as all the rest of a small night; tests/reporting draws them all."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipeline.run.render_reports", _one_page)
        yield


@pytest.fixture(autouse=True)
def _pages_where_asked(request: pytest.FixtureRequest) -> Iterator[None]:
    with drawn() if "draws_reports" in request.keywords else nullcontext():
        yield


@pytest.fixture
def no_expectations(monkeypatch: pytest.MonkeyPatch) -> None:
    """Great Expectations takes a seventh of a small night, and plays no part in what nights of invented rows are about."""
    monkeypatch.setattr("pipeline.validate.expectations.run", lambda _warehouse, _wanted: RESULTS.empty_table())
