"""What the user's products cost: a CSV file of products and unit costs, of which everything wrong is said at once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa

from pipeline.config.dated import Read, read_dated
from pipeline.errors import ConfigError, Problem

_COLUMNS = ("product", "unit_cost")
_FIX = "Begin the file with the line product,unit_cost (or product,unit_cost,from_day)."


def read_costs(path: Path, named: str) -> list[dict[str, object]]:
    """Return the rows of `config.product_costs`: what one unit of a product costs from a day on.

    Args:
        path: The file: product (its SKU, number or name), unit_cost in the reporting currency, and from_day if costs
            changed.
        named: What the settings call it.

    Raises:
        ConfigError: with every problem of the file.
    """
    if not path.is_file():
        where = "journeys.yaml: money.product_costs_file"
        raise ConfigError(Problem("The file of product costs does not exist.", where, named))
    found = read_dated(
        path, "unit_cost", _read, required=_COLUMNS, optional=("from_day",), fix=_FIX,
        twice="another cost of the same product from the same day",
    )  # fmt: skip
    return [{"product": product, "from_day": day, "unit_cost": cost} for product, day, cost in found]


def _read(cells: Mapping[str, str], place: str) -> Read:
    problems: list[Problem] = []
    day, cost = date(1, 1, 1), None
    if not cells["product"]:
        problems.append(Problem("The product is missing.", f"{place}: product", fix="Write its SKU, number or name."))
    try:
        day = datetime.strptime(cells["from_day"], "%Y-%m-%d").date() if cells["from_day"] else day
    except ValueError:
        fix = "Write it as 2026-09-01, or leave it empty for a cost that always held."
        problems.append(Problem("The day cannot be read.", f"{place}: from_day", cells["from_day"], fix=fix))
    try:
        cost = pa.scalar(cells["unit_cost"]).cast(pa.decimal128(18, 4)).as_py()
    except pa.ArrowInvalid:
        fix = "Write it in the reporting currency, with a decimal point and no sign of a currency: 4.25."
        problems.append(Problem("The cost cannot be read.", f"{place}: unit_cost", cells["unit_cost"], fix=fix))
    if cost is not None and cost < 0:
        problems.append(Problem("The cost is below zero.", f"{place}: unit_cost", cells["unit_cost"]))
    if problems or cost is None:
        return None, problems
    return (cells["product"].lower(), day, cost), []
