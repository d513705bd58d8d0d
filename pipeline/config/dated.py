"""CSV files of the user with one value for a name from a day on (rates, costs); all that is wrong is said at once."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path

from pipeline.errors import ConfigError, Problem

#: Name, day and value of one line, or None, and what is wrong with it.
Read = tuple[tuple[str, date, Decimal] | None, list[Problem]]


def read_dated(
    path: Path,
    value: str,
    read: Callable[[Mapping[str, str], str], Read],
    *,
    required: tuple[str, ...],
    optional: tuple[str, ...] = (),
    fix: str,
    twice: str,
) -> list[tuple[str, date, Decimal]]:
    """Return the lines of a file, each name and day once.

    Args:
        path: The file.
        value: Column of the value.
        read: Reads the cells of one line, which stands at the place it is given.
        required: Columns that must be there.
        optional: Columns that may be there.
        fix: What to do when the header lacks a column.
        twice: What a line gives that another one gave differently.

    Raises:
        ConfigError: with every problem of the file.
    """
    rows: list[tuple[str, date, Decimal]] = []
    problems: list[Problem] = []
    lines: dict[tuple[str, date], tuple[int, Decimal]] = {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        header = [name.strip() for name in reader.fieldnames or ()]
        if missing := [name for name in required if name not in header]:
            what = f"Columns are missing: {', '.join(missing)}."
            raise ConfigError(Problem(what, f"{path.name}:1", ",".join(header), fix=fix))
        reader.fieldnames = header
        for given in reader:
            place = f"{path.name}:{reader.line_num}"
            cells = {name: (given.get(name) or "").strip() for name in (*required, *optional)}
            if not any(cells.values()):
                continue
            found, wrong = read(cells, place)
            problems += wrong
            if found is None:
                continue
            name, day, number = found
            first = lines.setdefault((name, day), (reader.line_num, number))
            if first[1] != number:
                what = f"Line {first[0]} gives {twice}."
                problems.append(Problem(what, f"{place}: {value}", cells[value], fix="Leave one of the two."))
            elif first[0] == reader.line_num:
                rows.append(found)
    if problems:
        raise ConfigError(*problems)
    return rows
