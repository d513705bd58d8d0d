"""Generated pages are committed, and are what the code would write now."""

from __future__ import annotations

from pipeline.dictionary import pages


def test_generated_pages_are_fresh() -> None:
    stale = [
        path.name for path, text in pages().items() if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    assert stale == [], "call: make docs"
