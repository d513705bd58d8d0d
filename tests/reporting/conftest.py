from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.reporting.facts import Facts, read_facts
from pipeline.reporting.render import render_reports
from pipeline.warehouse import Warehouse
from tests.reporting import night_books, shop

HOSTILE = {
    "Paid Search": "<script>alert(1)</script>",
    "Organic Search": "=cmd()|'/c calc'!A1",
    "Paid Social": "A > B › C",
    "Organic Social": "🍵 Tee & Kräuter",
    "Email": "x" * 300,
    "Referral": "שלום \u202e evil",
    "Store": "$\\frac{1}{2}$ '\"><img src=x onerror=alert(1)>",
    "Display": "_hidden",
    "AI Assistant": "ann.bauer@example.org",
}


@pytest.fixture(scope="session")
def tea() -> Iterator[Warehouse]:
    """The tea shop's marts and books; tests only read them."""
    with shop.empty_marts() as warehouse:
        shop.fill(warehouse, shop.simulate())
        night_books.fill(warehouse)
        yield warehouse


@pytest.fixture(scope="session")
def hostile() -> Iterator[Warehouse]:
    """The same shop with channels and campaigns that try to break the pages."""
    with shop.empty_marts() as warehouse:
        given = shop.simulate(people=400, names=HOSTILE)
        for touch in given.touches:
            touch["campaign"] = touch["campaign"] and f"@SUM(1)<b onclick=alert(1)>{touch['campaign']}"
        shop.fill(warehouse, given)
        night_books.fill(warehouse)
        yield warehouse


@pytest.fixture(scope="session")
def bare() -> Iterator[Warehouse]:
    """Marts and books without a single row."""
    with shop.empty_marts() as warehouse:
        night_books.fill(warehouse, empty=True)
        yield warehouse


@pytest.fixture(scope="session")
def facts(tea: Warehouse) -> Facts:
    return read_facts(tea)


@pytest.fixture(scope="session")
def tea_pages(tea: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tea")
    render_reports(tea, folder)
    return folder


@pytest.fixture(scope="session")
def hostile_pages(hostile: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    render_reports(hostile, folder)
    return folder


@pytest.fixture(scope="session")
def bare_pages(bare: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bare")
    render_reports(bare, folder)
    return folder
