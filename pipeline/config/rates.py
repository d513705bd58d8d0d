"""The user's exchange rates: a CSV file of days, currencies and rates, of which everything wrong is said at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

import pyarrow as pa

from pipeline.config.dated import Read, read_dated
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
    found = read_dated(
        path,
        "rate",
        lambda cells, place: _read(cells, place, reporting_currency, currencies),
        required=_COLUMNS,
        fix=_HEADER_FIX,
        twice="another rate for the same day",
    )
    return [{"currency": currency, "day": day, "rate": rate} for currency, day, rate in found]


def _read(cells: Mapping[str, str], place: str, reporting_currency: str, currencies: list[str]) -> Read:
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
