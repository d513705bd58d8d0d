"""The contracts: what a connector must deliver, one YAML file per shape."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

#: Columns that every staged row carries, so that each number can be followed back to its line.
LINEAGE = {
    "file_id": ("varchar", "File the row was read from; see ops.files."),
    "line_number": ("bigint", "Line of that file (for JSON documents: position of the record)."),
    "row_key": ("uuid", "Hash of the row's natural key; the same in every export of the row."),
}


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Column(_Part):
    """One column of a contract."""

    type: str
    meaning: str
    required: bool = False
    default: str | None = None
    """SQL that stands in for a missing value; may name other columns."""
    derived: str | None = None
    """SQL that makes the column from others; connectors do not give it."""
    is_id: bool = False
    """Its values are ids: digits that must not be lost."""
    is_money: bool = False
    """Its values are amounts in the row's currency."""
    clock_of: str | None = None
    """Time column whose reading this one notes; connectors do not give it."""
    values: tuple[str, ...] = ()
    values_from: str | None = None


class Rule(_Part):
    """A row rule: rows for which `check` is not true are rejected with `says` as the reason."""

    check: str
    says: str
    shows: str | None = None
    """Column whose value is shown with the reason."""


class Days(_Part):
    """Which days a row speaks of."""

    first: str
    """Column with the moment, or with the first day."""
    last: str | None = None
    """Column with the last day, of rows that sum up days."""
    within: tuple[str, ...] = ()
    """Columns within which a newer file replaces whole days of an older one; none: rows are replaced key by key."""
    where: str = "true"
    """Rows that a newer file can replace so: not those that count since a thing exists."""


class Contract(_Part):
    """What a connector must deliver for one shape."""

    shape: str
    row: str
    days: Days | None = None
    columns: dict[str, Column]
    rules: dict[str, Rule] = {}

    def row_rules(self) -> dict[str, Rule]:
        """Return all reject rules: those a column implies (required, allowed values), then the written ones."""
        implied: dict[str, Rule] = {}
        for name, column in self.columns.items():
            if column.required:
                implied[f"{name}_is_given"] = Rule(check=f"{name} is not null", says=f"{name} is missing or unreadable")
            if column.values:
                listed = ", ".join(f"'{value}'" for value in column.values)
                implied[f"{name}_is_allowed"] = Rule(
                    check=f"{name} is null or {name} in ({listed})",
                    says=f"{name} is not one of {', '.join(column.values)}",
                    shows=name,
                )
            if column.values_from:
                table, key = column.values_from, column.values_from.split(".")[1].removesuffix("s")
                implied[f"{name}_is_allowed"] = Rule(
                    check=f"{name} is null or {name} in (select {key} from {table})",
                    says=f"{name} is not one of {table}",
                    shows=name,
                )
        return {**implied, **self.rules}

    @property
    def deliverable(self) -> list[str]:
        """The columns that connectors give."""
        return [name for name, column in self.columns.items() if column.derived is None and column.clock_of is None]

    def checked_columns(self) -> list[str]:
        """Return the columns that reject rules look at, and those that say which days a row speaks of."""
        days = (
            () if self.days is None else (self.days.first, self.days.last or "", *re.findall(r"\w+", self.days.where))
        )
        words = {*days} | {
            word
            for rule in self.row_rules().values()
            for word in re.findall(r"\w+", f"{rule.check} {rule.shows or ''}")
        }
        words |= {word for name, column in self.columns.items() if column.clock_of for word in (name, column.clock_of)}
        return [name for name in self.columns if name in words]


@cache
def contracts() -> dict[str, Contract]:
    """Return every contract by shape, in the order of their names."""
    found = {}
    for path in sorted(Path(__file__).parent.glob("*.yaml")):
        contract = Contract.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
        found[contract.shape] = contract
    return found
