"""Renders the report pages: HTML with its figures inside, the figures as PNG and the tables as CSV beside it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from markupsafe import Markup

from pipeline.reporting import html
from pipeline.reporting.facts import Facts, read_facts
from pipeline.reporting.page import Content, Figure, Page, discover, find
from pipeline.reporting.tables import Table, to_csv
from pipeline.warehouse import Warehouse

FIGURES, TABLES = "figures", "tables"


@dataclass(frozen=True)
class RenderedPage:
    """The files of one page."""

    name: str
    title: str
    html: Path
    #: Picture of the first figure; None for a page without one.
    main_png: Path | None
    figures: tuple[Path, ...]
    tables: tuple[Path, ...]


def page_names() -> list[str]:
    """Return the names of all pages, the index first."""
    return list(discover())


def render_reports(warehouse: Warehouse, folder: Path) -> list[RenderedPage]:
    """Render every page into a folder."""
    facts = read_facts(warehouse)
    return [_render(warehouse, name, page, folder, facts) for name, page in discover().items()]


def render_page(warehouse: Warehouse, name: str, folder: Path) -> RenderedPage:
    """Render one page into a folder.

    Raises:
        UsageError: there is no page of that name.
    """
    return _render(warehouse, name, find(name), folder, read_facts(warehouse))


def _render(warehouse: Warehouse, name: str, page: Page, folder: Path, facts: Facts) -> RenderedPage:
    for part in (folder, folder / FIGURES, folder / TABLES):
        part.mkdir(parents=True, exist_ok=True)
        part.chmod(0o755)
    content = _explained(page.content(warehouse, facts), warehouse)
    pictures = [(figure, _draw(figure, name, facts)) for figure in content.figures]
    written: list[Path] = []
    for figure, picture in pictures:
        if picture:
            written.append(_write(folder / FIGURES / f"{name}-{figure.name}.png", picture.png))
    lists = [
        _write(folder / TABLES / f"{name}-{table.name}.csv", to_csv(table, facts))
        for table in (*(figure.table for figure in content.figures), *content.tables)
    ]
    shown = html.environment().get_template(f"{name}.html").render(
        name=name,
        title=page.TITLE,
        summary=page.SUMMARY,
        facts=facts,
        pages=[{"name": key, "title": other.TITLE} for key, other in discover().items()],
        figures={figure.name: _figure_view(name, figure, picture, facts) for figure, picture in pictures},
        tables={table.name: _table_view(name, table, facts) for table in content.tables},
        **content.values,
    )  # fmt: skip
    path = _write(folder / f"{name}.html", shown.encode("utf-8", "replace"))
    return RenderedPage(name, page.TITLE, path, written[0] if written else None, tuple(written), tuple(lists))


@dataclass(frozen=True)
class _Picture:
    svg: str
    png: bytes
    width: float


def _draw(figure: Figure, page: str, facts: Facts) -> _Picture | None:
    if not figure.numbers:
        return None
    sheet = figure.draw(figure.numbers, facts)
    return _Picture(sheet.svg(f"{page}-{figure.name}", figure.title), sheet.png(), sheet.width)


def _figure_view(page: str, figure: Figure, picture: _Picture | None, facts: Facts) -> dict[str, Any]:
    return {
        "name": figure.name,
        "title": figure.title,
        # Made by matplotlib, which escapes all text, and cleaned in svg.py.
        "svg": Markup(picture.svg) if picture else "",  # noqa: S704
        "width": f"{picture.width:g}" if picture else "0",
        "png": f"{FIGURES}/{page}-{figure.name}.png" if picture else "",
        "reading": figure.reading,
        "empty": figure.empty,
        "wide": figure.is_wide,
        "ending": figure.begins_at_end,
        "definition": figure.definition,
        "table": _table_view(page, figure.table, facts),
    }


def _table_view(page: str, table: Table, facts: Facts) -> dict[str, Any]:
    return html.table_view(table, facts) | {"csv": f"{TABLES}/{page}-{table.name}.csv"}


def _explained(content: Content, warehouse: Warehouse) -> Content:
    """Give every table the meaning of its columns, from the comments that stand in the database."""
    tables = [*(figure.table for figure in content.figures), *content.tables]
    meanings: dict[str, dict[str, str]] = {table.source: {} for table in tables if table.source}
    # All of a page at once, because each question walks through the columns of the whole database.
    rows = warehouse.rows(
        """select schema_name || '.' || table_name as source, column_name, comment from duckdb_columns()
        where list_contains($1, source) and comment is not null""",
        [list(meanings)],
    )
    for source, column, comment in rows:
        meanings[source][column] = comment
    told = [replace(table, meanings=meanings.get(table.source, {})) for table in tables]
    figures = tuple(replace(figure, table=table) for figure, table in zip(content.figures, told, strict=False))
    return replace(content, figures=figures, tables=tuple(told[len(figures) :]))


def _write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    # Reports name no person, so whoever may see the folder may read them; the run itself writes for its owner only.
    path.chmod(0o644)
    return path
