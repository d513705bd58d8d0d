from __future__ import annotations

from collections.abc import Iterator

import pytest

from pipeline.empty import empty_warehouse
from pipeline.warehouse import Warehouse


@pytest.fixture(scope="session")
def empty() -> Iterator[Warehouse]:
    """The whole warehouse without rows; a test that writes must put back what it changed."""
    with empty_warehouse() as warehouse:
        yield warehouse
