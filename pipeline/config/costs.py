"""What the user's products cost: a CSV file of products and unit costs, of which everything wrong is said at once."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa

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
    rows: list[dict[str, object]] = []
    problems: list[Problem] = []
    lines: dict[tuple[str, date], tuple[int, Decimal]] = {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        header = [name.strip() for name in reader.fieldnames or ()]
        if missing := [name for name in _COLUMNS if name not in header]:
            what = f"Columns are missing: {', '.join(missing)}."
            raise ConfigError(Problem(what, f"{path.name}:1", ",".join(header), fix=_FIX))
        reader.fieldnames = header
        for given in reader:
            place = f"{path.name}:{reader.line_num}"
            cells = {name: (given.get(name) or "").strip() for name in (*_COLUMNS, "from_day")}
            if not any(cells.values()):
                continue
            read, wrong = _read(cells, place)
            problems += wrong
            if read is None:
                continue
            product, day, cost = read
            first = lines.setdefault((product, day), (reader.line_num, cost))
            if first[1] != cost:
                what = f"Line {first[0]} gives another cost of the same product from the same day."
                problems.append(Problem(what, f"{place}: unit_cost", cells["unit_cost"], fix="Leave one of the two."))
            elif first[0] == reader.line_num:
                rows.append({"product": product, "from_day": day, "unit_cost": cost})
    if problems:
        raise ConfigError(*problems)
    return rows


def _read(cells: Mapping[str, str], place: str) -> tuple[tuple[str, date, Decimal] | None, list[Problem]]:
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
