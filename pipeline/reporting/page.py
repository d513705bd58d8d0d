"""What a report page is made of, and how the pages are found: one module in `pages`, one template of the same name."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol, cast

from pipeline.errors import UsageError, unknown_name
from pipeline.reporting import pages
from pipeline.reporting.facts import Definition, Facts, Numbers
from pipeline.reporting.sheet import Sheet
from pipeline.reporting.tables import Table
from pipeline.warehouse import Warehouse


@dataclass(frozen=True)
class Figure:
    """A drawing and exactly the numbers it draws."""

    name: str
    title: str
    numbers: Numbers
    draw: Callable[[Numbers, Facts], Sheet]
    definition: Definition
    #: The same numbers as a table below the drawing.
    table: Table
    #: How to read the drawing.
    reading: str = ""
    #: What is said when there is nothing to draw.
    empty: str = "There is nothing to draw yet."
    is_wide: bool = False
    #: A wide drawing whose right end is seen first where it has to scroll.
    begins_at_end: bool = False


@dataclass(frozen=True)
class Content:
    """Everything one page shows."""

    figures: tuple[Figure, ...] = ()
    tables: tuple[Table, ...] = ()
    values: dict[str, Any] = field(default_factory=dict)


class Page(Protocol):
    """The module of a page."""

    __name__: str
    #: Place among the pages; the index has 0.
    ORDER: int
    TITLE: str
    #: One line that says which question the page answers.
    SUMMARY: str

    def content(self, warehouse: Warehouse, facts: Facts) -> Content:
        """Return what the page shows."""
        ...

    def headline(self, warehouse: Warehouse, facts: Facts) -> str:
        """Return the page's most telling number as a sentence, for the index."""
        ...


def discover() -> dict[str, Page]:
    """Return every page module by its name, in the order they are listed."""
    names = [module.name for module in pkgutil.iter_modules(pages.__path__) if not module.name.startswith("_")]
    found = {name: cast(Page, importlib.import_module(f"{pages.__name__}.{name}")) for name in names}
    return dict(sorted(found.items(), key=lambda item: (item[1].ORDER, item[0])))


def find(name: str) -> Page:
    """Return one page module.

    Raises:
        UsageError: there is no page of that name.
    """
    known = discover()
    if name not in known:
        raise UsageError(unknown_name("report page", name, known))
    return known[name]
