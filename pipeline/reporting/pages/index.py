"""Where a reader begins: what was published, on what data, what needs a look, and what each page says."""

from __future__ import annotations

from pipeline.reporting import attention, text
from pipeline.reporting.facts import Facts
from pipeline.reporting.numbers import health
from pipeline.reporting.numbers.overview import months_numbers, totals_numbers
from pipeline.reporting.page import Content, discover
from pipeline.reporting.pages.overview import tiles
from pipeline.warehouse import Warehouse

ORDER = 0
TITLE = "Start"
SUMMARY = "What was published, on what data, and where to look."


def headline(warehouse: Warehouse, facts: Facts) -> str:
    """Say in a word how the run stands."""
    return _verdict(attention.items(warehouse, facts), facts)


def content(warehouse: Warehouse, facts: Facts) -> Content:
    """Return the page."""
    items = attention.items(warehouse, facts)
    total = totals_numbers(warehouse)[0]
    return Content(
        values={
            "verdict": _verdict(items, facts),
            "published": _published(warehouse, facts),
            "items": items,
            "tiles": tiles(total, months_numbers(warehouse), facts),
            "definition": facts.define(
                "The whole period; below each number the last whole month.",
                [(total["orders"], "order", "orders"), (total["visits"], "visit", "visits")],
                money=True,
                lookback=True,
            ),
            "cards": [
                {
                    "name": name,
                    "title": page.TITLE,
                    "summary": page.SUMMARY,
                    "headline": page.headline(warehouse, facts),
                }
                for name, page in discover().items()
                if name != "index"
            ],
        }
    )


def _verdict(items: list[attention.Item], facts: Facts) -> str:
    if not facts.has_data:
        return "Published, but there is no data yet."
    things = text.plural(len(items), "thing")
    return f"Published, with {things} to look at." if items else "Published; nothing needs a look."


def _published(warehouse: Warehouse, facts: Facts) -> str:
    total = health.totals_numbers(warehouse)
    runs = health.runs_numbers(warehouse)
    made = f"Made {text.moment(facts.local(runs[0]['finished_at']))}, " if runs else "Made "
    files = text.plural(total["count_files"], "file")
    if not facts.has_data:
        return f"{made}from {files}, none of which holds events or orders."
    return (
        f"{made}on data from {text.period(facts.period_from, facts.period_to)}: {text.count(total['files_loaded'])} of "
        f"{files}, {text.plural(total['rows_read'], 'row')} read, {text.count(total['rows_rejected'])} rejected, "
        f"{text.count(total['rows_duplicate'])} duplicate."
    )
