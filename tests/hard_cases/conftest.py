from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def _no_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages play no part here and take most of the time."""

    def one_page(_warehouse: object, folder: Path) -> list[object]:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "index.html").write_text("drawn")
        return []

    monkeypatch.setattr("pipeline.run.render_reports", one_page)
