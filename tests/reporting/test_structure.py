"""What must hold for every page, found by walking the folder."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipeline.reporting import pages
from pipeline.reporting.page import discover

FOLDER = Path(pages.__file__).parent
REPORTING = FOLDER.parent


@pytest.mark.parametrize("name", list(discover()))
def test_a_page_is_one_module_one_template_and_one_test(name: str) -> None:
    page = discover()[name]
    assert isinstance(page.ORDER, int)
    assert page.TITLE
    assert page.SUMMARY.endswith(".")
    assert callable(page.content)
    assert callable(page.headline)
    assert (REPORTING / "templates" / f"{name}.html").is_file()
    assert (Path(__file__).parent / "pages" / f"test_{name}.py").is_file()


def test_pages_stand_in_different_places() -> None:
    orders = [page.ORDER for page in discover().values()]
    assert len(orders) == len(set(orders))


@pytest.mark.parametrize("path", sorted(REPORTING.rglob("*.py")), ids=lambda path: str(path.relative_to(REPORTING)))
def test_reporting_keeps_to_its_doors(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert not re.search(r"^\s*(import|from) (duckdb|dagster|great_expectations|sqlglot|pyplot)", source, re.MULTILINE)
    assert "pyplot" not in source
    assert len(source.splitlines()) < 400
