"""The user's exchange rates: a CSV file of days, currencies and rates, of which everything wrong is said at once."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa

from pipeline.errors import ConfigError, Problem, unknown_name

_COLUMNS = ("day", "currency", "rate")
_HEADER_FIX = "Begin the file with the line day,currency,rate."


def read_rates(path: Path, named: str, reporting_currency: str, known: Iterable[str]) -> list[dict[str, object]]:
    """Return the rows of `config.rates`: what one unit of a currency is worth in the reporting currency from a day on.

    Args:
        path: The file.
        named: What the settings call it.
        reporting_currency: Currency that amounts are converted to.
        known: Every currency there is.

    Raises:
        ConfigError: with every problem of the file.
    """
    if not path.is_file():
        raise ConfigError(
            Problem("The file of exchange rates does not exist.", "journeys.yaml: money.rates_file", named)
        )
    currencies = sorted(known)
    rows: list[dict[str, object]] = []
    problems: list[Problem] = []
    lines: dict[tuple[str, date], tuple[int, Decimal]] = {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        header = [name.strip() for name in reader.fieldnames or ()]
        if missing := [name for name in _COLUMNS if name not in header]:
            what = f"Columns are missing: {', '.join(missing)}."
            raise ConfigError(Problem(what, f"{path.name}:1", ",".join(header), fix=_HEADER_FIX))
        reader.fieldnames = header
        for given in reader:
            place = f"{path.name}:{reader.line_num}"
            cells = {name: (given[name] or "").strip() for name in _COLUMNS}
            if not any(cells.values()):
                continue
            read, wrong = _read(cells, place, reporting_currency, currencies)
            problems += wrong
            if read is None:
                continue
            currency, day, rate = read
            first = lines.setdefault((currency, day), (reader.line_num, rate))
            if first[1] != rate:
                what = f"Line {first[0]} gives another rate for the same day."
                problems.append(Problem(what, f"{place}: rate", cells["rate"], fix="Leave one of the two."))
            elif first[0] == reader.line_num:
                rows.append({"currency": currency, "day": day, "rate": rate})
    if problems:
        raise ConfigError(*problems)
    return rows


def _read(
    cells: Mapping[str, str], place: str, reporting_currency: str, currencies: list[str]
) -> tuple[tuple[str, date, Decimal] | None, list[Problem]]:
    problems: list[Problem] = []
    day = rate = None
    try:
        day = datetime.strptime(cells["day"], "%Y-%m-%d").date()
    except ValueError:
        problems.append(
            Problem("The day cannot be read.", f"{place}: day", cells["day"], fix="Write it as 2026-09-01.")
        )
    currency = cells["currency"].upper()
    if currency not in currencies:
        problems.append(unknown_name("currency", currency, currencies, f"{place}: currency"))
    try:
        rate = pa.scalar(cells["rate"]).cast(pa.decimal128(18, 8)).as_py()
    except pa.ArrowInvalid:
        fix = "Write it with a decimal point and at most 8 decimals: 1.0834."
        problems.append(Problem("The rate cannot be read.", f"{place}: rate", cells["rate"], fix=fix))
    if rate is not None and rate <= 0:
        problems.append(Problem("The rate is not above zero.", f"{place}: rate", cells["rate"]))
    if rate is not None and currency == reporting_currency and rate != 1:
        what = f"{reporting_currency} is the reporting currency, of which one unit is worth one."
        fix = f"Leave the line out, or set reporting.currency: rates are units of {reporting_currency} for one unit."
        problems.append(Problem(what, f"{place}: rate", cells["rate"], fix=fix))
    if problems or day is None or rate is None:
        return None, problems
    return (currency, day, rate), []
