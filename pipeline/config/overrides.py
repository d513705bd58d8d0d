"""`data/raw/overrides/identity.csv`: what the user knows better about who is who."""

from __future__ import annotations

import csv
from pathlib import Path

import pyarrow as pa

from pipeline.config.raw import OVERRIDES
from pipeline.errors import ConfigError, Problem, unknown_name

FILE_NAME = "identity.csv"
KINDS = ("email", "phone", "user_id", "loyalty_id", "client_id", "person_key")
ACTIONS = ("join", "split")
SCHEMA = pa.schema(
    [
        ("line_number", pa.int64()), ("action", pa.string()), ("kind", pa.string()), ("value", pa.string()),
        ("other_kind", pa.string()), ("other_value", pa.string()), ("note", pa.string()),
    ]
)  # fmt: skip
MEANING = "One row per line of data/raw/overrides/identity.csv: two identifiers that are one person, or are not."

_COLUMNS = ("action", "kind", "value", "other_kind", "other_value")


def read_overrides(raw: Path) -> pa.Table:
    """Return the lines of identity.csv, in the columns of `SCHEMA`; none when there is no such file.

    Raises:
        ConfigError: with everything that is wrong with the file.
    """
    path = raw / OVERRIDES / FILE_NAME
    if not path.exists():
        return SCHEMA.empty_table()
    rows, problems = [], []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            header = [name.strip() for name in reader.fieldnames or ()]
            missing = [name for name in _COLUMNS if name not in header]
            if missing:
                what = f"Columns are missing: {', '.join(missing)}."
                raise ConfigError(Problem(what, f"{FILE_NAME}:1", ",".join(header), [*_COLUMNS, "note"]))
            reader.fieldnames = header
            for row in reader:
                given = {name: (row.get(name) or "").strip() for name in (*_COLUMNS, "note")}
                if any(given.values()):
                    problems += _problems(given, f"{FILE_NAME}:{reader.line_num}")
                    rows.append({"line_number": reader.line_num, **given})
    except (UnicodeDecodeError, csv.Error) as error:
        what = f"The file cannot be read ({error})."
        raise ConfigError(Problem(what, FILE_NAME, fix="Save it as CSV in UTF-8.")) from error
    if problems:
        raise ConfigError(*problems)
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def _problems(row: dict[str, str], where: str) -> list[Problem]:
    problems = []
    if row["action"] not in ACTIONS:
        problems.append(unknown_name("action", row["action"], ACTIONS, where))
    for kind, value in (("kind", "value"), ("other_kind", "other_value")):
        if row[kind] not in KINDS:
            problems.append(unknown_name("kind of identifier", row[kind], KINDS, f"{where} {kind}"))
        if not row[value]:
            problems.append(Problem("The identifier is missing.", f"{where} {value}"))
    if row["kind"] == row["other_kind"] and row["value"] and row["value"] == row["other_value"]:
        problems.append(Problem("Both sides are the same identifier.", where, row["value"]))
    return problems
