from __future__ import annotations

from pathlib import Path

from pipeline.reporting.facts import Facts
from pipeline.reporting.pages.index import headline
from pipeline.warehouse import Warehouse
from tests.reporting.reading import read


def test_the_verdict_says_how_much_needs_a_look(tea: Warehouse, facts: Facts) -> None:
    assert headline(tea, facts) == "Published, with 6 things to look at."


def test_what_was_published_on_what_data(tea_pages: Path) -> None:
    text = " ".join(read(tea_pages / "index.html").text.split())
    assert (
        "Made 21 Aug 2026 05:00, on data from 14 May – 20 Aug 2026: 7 of 9 files, 39,118 rows read, 46 rejected" in text
    )


def test_things_to_look_at_lead_to_their_place(tea_pages: Path) -> None:
    links = [link for link in read(tea_pages / "index.html").values("href") if "#" in link]
    assert links == [
        *(f"health.html#{a}" for a in ("promises", "problems", "problems", "figure-coverage", "expectations")),
        "changes.html#last",
        *(f"ledger.html#{anchor}" for anchor in ("book", "book", "figure-credit")),
    ]


def test_every_page_is_introduced_by_its_own_headline(tea_pages: Path) -> None:
    text = " ".join(read(tea_pages / "index.html").text.split())
    for begin in ("690 orders worth", "of journeys that end in an order", "Most people are lost", "7 of 9 files used"):
        assert begin in text
