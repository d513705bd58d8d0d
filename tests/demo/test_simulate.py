from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from pipeline.demo import Summary, simulate
from pipeline.errors import UsageError
from tests.demo.conftest import DAYS, PEOPLE, SEED


def _hashes(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_the_same_arguments_give_the_same_bytes(shop: Path, twin: tuple[Path, Summary]) -> None:
    assert _hashes(shop) == _hashes(twin[0])


def test_another_seed_gives_another_business(shop: Path, tmp_path: Path) -> None:
    simulate(PEOPLE, DAYS, SEED + 1, tmp_path)
    first = "data/raw/ga4/events_20260801-000000000000.json.gz"
    assert _hashes(shop)[first] != _hashes(tmp_path)[first]


def test_the_summary_counts_what_was_written(twin: tuple[Path, Summary]) -> None:
    out, summary = twin
    files = [path for path in out.rglob("*") if path.is_file()]
    assert summary.files == len(files)
    assert summary.bytes == sum(path.stat().st_size for path in files)
    assert summary.people == PEOPLE
    assert summary.events > 3 * PEOPLE
    assert summary.orders > 0


@pytest.mark.parametrize(
    ("people", "days"), [(10, 30), (500, 3), (500, 9000)], ids=["few people", "few days", "too long"]
)
def test_nonsense_is_refused(people: int, days: int, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="Allowed"):
        simulate(people, days, 1, tmp_path)


def test_a_folder_that_is_a_project_already_is_refused(shop: Path) -> None:
    with pytest.raises(UsageError, match="holds a project already"):
        simulate(PEOPLE, DAYS, SEED, shop)
