from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.demo import Summary, simulate

PEOPLE, DAYS, SEED = 700, 35, 11


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a small simulated business."""
    out = tmp_path_factory.mktemp("shop")
    simulate(PEOPLE, DAYS, SEED, out)
    return out


@pytest.fixture(scope="session")
def twin(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Summary]:
    """The same business once more."""
    out = tmp_path_factory.mktemp("twin")
    return out, simulate(PEOPLE, DAYS, SEED, out)
