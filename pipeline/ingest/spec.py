"""What a connector's spec.yaml may say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from pipeline.config.load import load_yaml
from pipeline.errors import ConnectorError, Problem

CONNECTORS = Path(__file__).parent.parent / "connectors"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


@lru_cache(maxsize=1 << 16)
def folded(label: str) -> str:
    """Return a column label as it is compared: case, spaces around and inside, and a byte order mark do not count."""
    return " ".join(label.replace("\ufeff", "").split()).casefold()


class ColumnSpec(_Part):
    """One column that the connector's SQL may use."""

    aliases: tuple[str, ...] = Field((), description="Other labels the same column has had, translated ones too.")
    path: str | None = Field(None, description="JSON path within a record; default: the column's name as a key.")
    entry: str | None = Field(None, description="Key of an entry of the record's key/value list.")
    made_from: str | None = Field(
        None, description="SQL over the other columns; worked out once, when the file is staged."
    )
    meaning: str = ""


class Newest(_Part):
    """How to tell which of two exports is newer, besides the day in the file name."""

    superseded_by: str | None = Field(
        None, description="Export whose rows replace this one's where they agree in `same`."
    )
    same: tuple[str, ...] = Field((), description="Columns that say what is replaced, for example the day.")
    replaces_all_of: tuple[str, ...] = Field(
        (),
        description="Columns that name a whole, such as a report and its period: the newest file with rows of it "
        "replaces every older one's, those it no longer has too. Spend and engagement by day need none.",
    )


class Entries(_Part):
    """A list of {key, value} in every record whose entries are columns."""

    path: str = Field(description="Key of the list.")
    key: str = Field("key", description="Member that holds an entry's name.")
    values: tuple[str, ...] = Field(
        ("value",), description="Members that may hold its value; the first set one counts."
    )


class Defaults(_Part):
    """What the system always writes, so nobody has to set it."""

    zone: str | None = None
    currency: str | None = None
    decimal_mark: Literal[".", ","] | None = None
    minor_units: bool | None = None


class Expected(_Part):
    """Something expected of an export's rows; rows for which `check` is false raise a warning."""

    check: str
    says: str


class Persons(_Part):
    """Where an export names persons, so that one who asks can be forgotten."""

    on_forget: Literal["drop", "strip"] = Field(
        "drop",
        description="drop: leave the row out; strip: keep it, and make its person nobody (orders stay in the books).",
    )
    identifiers: dict[
        Literal["email", "phone", "user_id", "loyalty_id", "client_id", "person_key"], tuple[str, ...]
    ] = Field(min_length=1, description="Kind of identifier -> columns that hold such.")
    personal: tuple[str, ...] = Field((), description="Further columns to blank when a row is stripped.")


class ExportSpec(_Part):
    """One kind of file a system gives out."""

    title: str
    menu: str = Field("", description="Which menu of the product gives it, and what to tick.")
    file_names: tuple[str, ...] = Field(
        (), description="Regular expressions of file names; named groups become file_fields."
    )
    needs_name: bool = Field(False, description="The header alone cannot tell this export from another one's.")
    format: Literal["table", "json"] = "table"
    signature: tuple[str, ...] = Field((), description="Columns that every such file has; of JSON: keys of a record.")
    absent: tuple[str, ...] = Field((), description="Columns or keys that tell it is another export.")
    columns: dict[str, ColumnSpec] = {}
    column_patterns: tuple[str, ...] = Field(
        (), description="Regular expressions of columns whose names vary; the shape SQL reads them out of extra."
    )
    records: tuple[str, ...] = Field((), description="JSON paths, one of which holds the records; $ is the document.")
    unnest: str | None = Field(None, description="Key of a record's list; each of its items becomes a row of its own.")
    entries: Entries | None = None
    layout: Literal["plain", "blocks"] = Field(
        "plain", description="blocks: several tables in one file, each with comments."
    )
    header_rows: int = Field(1, ge=1, description="Header records; names come from the first.")
    totals: tuple[str, ...] = Field((), description="Words in a row's first or last cell that mark a totals row.")
    comment: str | None = Field(None, description="Lines that begin with it are comments.")
    key: tuple[str, ...] = Field((), description="Natural key: the same row in two exports; default: the whole row.")
    key_from_name: tuple[str, ...] = Field((), description="file_fields that belong to the key.")
    ids: tuple[str, ...] = Field((), description="Columns that hold ids, besides the key's and those of persons.")
    identical_rows_count: bool = Field(False, description="Two identical rows of one file are two things, not one.")
    amounts: tuple[str, ...] = Field((), description="Columns that hold amounts; they show the file's decimal mark.")
    newest: Newest = Newest()
    time_column: str | None = Field(None, description="Column whose latest value tells which of two exports is newer.")
    is_daily: bool = Field(False, description="Every day of business has rows, so a day without is worth a note.")
    needs_zone: bool = Field(False, description="Times are written without a zone.")
    needs_currency: bool = Field(False, description="Amounts are written without a currency.")
    defaults: Defaults = Field(Defaults(), description="What this export always writes, before the system's own.")
    provisional_days: int = Field(
        0, ge=0, description="Days for which the system may still change a day it has exported; 0: never."
    )
    is_reference: bool = Field(False, description="Rows only explain other rows; they make no row of a shape.")
    persons: Persons | None = Field(None, description="Where the export names persons; left out when it names none.")
    advice: str | None = Field(
        None, description="Set when the file is known but not loaded: which file to take instead."
    )
    expectations: dict[str, Expected] = Field({}, description="Checked on the raw rows; what fails is a warning.")
    quirks: tuple[str, ...] = ()

    @cached_property
    def read_columns(self) -> dict[str, ColumnSpec]:
        """The columns that come from the file and are not made from others."""
        return {name: column for name, column in self.columns.items() if column.made_from is None}

    @cached_property
    def id_columns(self) -> tuple[str, ...]:
        """The columns of the file that hold ids."""
        persons = self.persons.identifiers if self.persons else {}
        known = (c for kind, columns in persons.items() if kind != "email" for c in columns)
        return tuple(c for c in dict.fromkeys((*self.key, *self.ids, *known)) if c in self.read_columns)

    @cached_property
    def by_label(self) -> dict[str, str]:
        """Folded label or alias -> column."""
        return {folded(label): name for name, column in self.read_columns.items() for label in (name, *column.aliases)}

    @cached_property
    def name_patterns(self) -> tuple[re.Pattern[str], ...]:
        """The file-name patterns, compiled."""
        return tuple(re.compile(pattern, re.IGNORECASE) for pattern in self.file_names)


class ConnectorSpec(_Part):
    """One system."""

    system: str = Field(pattern="^[a-z][a-z0-9_]*$")
    title: str
    vendor: str
    vendor_page: str = ""
    version: int = Field(ge=1, description="Raise it when files must be read again.")
    defaults: Defaults = Defaults()
    event_names: dict[str, str] = Field({}, description="The source's event names -> our interactions.")
    exports: dict[str, ExportSpec] = Field(min_length=1)
    folder: Path = Field(exclude=True)
    shape_sql: dict[str, str] = Field({}, exclude=True, description="Queries that do not lie in the folder, by name.")
    shape_systems: dict[str, str] = Field(
        {}, exclude=True, description="System that the rows of such a query come from, where it is another."
    )

    @model_validator(mode="after")
    def _keys_exist(self) -> ConnectorSpec:
        for name, export in self.exports.items():
            known = {*export.columns, "extra"}
            signature = export.signature if export.format == "table" else ()
            persons = export.persons
            named = (
                () if persons is None else (*(c for cs in persons.identifiers.values() for c in cs), *persons.personal)
            )
            uses = (
                ("key", export.key),
                ("ids", export.ids),
                ("amounts", export.amounts),
                ("newest.same", export.newest.same),
                ("newest.replaces_all_of", export.newest.replaces_all_of),
                ("signature", signature),
                ("persons", named),
            )
            for use, columns in uses:
                unknown = [c for c in columns if c not in known]
                if unknown:
                    raise ValueError(f"exports.{name}.{use} names {', '.join(unknown)}, not among its columns")
            if export.newest.superseded_by and export.newest.superseded_by not in self.exports:
                raise ValueError(
                    f"exports.{name}.newest.superseded_by names {export.newest.superseded_by}, not an export"
                )
        return self

    def raw_name(self, export: str) -> str:
        """Return the name of the export's table of raw text."""
        return f"raw.{self.system}__{export}"


def read_spec(folder: Path) -> ConnectorSpec:
    """Read the spec.yaml of one connector.

    Raises:
        ConnectorError: with every problem of the file.
    """
    path = folder / "spec.yaml"
    if not path.exists():
        raise ConnectorError(Problem("There is no spec.yaml.", folder.name))
    return _spec(folder, path.read_text(encoding="utf-8"))


@cache
def _spec(folder: Path, text: str) -> ConnectorSpec:
    # A file of the same text is the same spec; a process that opens many nights reads each once.
    where = f"connectors/{folder.name}/spec.yaml"
    try:
        given: Any = load_yaml(text)
        return ConnectorSpec.model_validate({**given, "folder": folder})
    except yaml.YAMLError as error:
        raise ConnectorError(Problem(f"The YAML cannot be read: {error}", where)) from error
    except ValidationError as error:
        raise ConnectorError(
            *(Problem(f"{'.'.join(map(str, e['loc']))}: {e['msg']}.", where) for e in error.errors())
        ) from error


def read_specs(folder: Path = CONNECTORS) -> dict[str, ConnectorSpec]:
    """Read every connector's spec, by system.

    Raises:
        ConnectorError: with the problems of all connectors together.
    """
    specs: dict[str, ConnectorSpec] = {}
    problems: list[Problem] = []
    for path in sorted(folder.glob("*/spec.yaml")):
        try:
            spec = read_spec(path.parent)
        except ConnectorError as error:
            problems += error.problems
            continue
        if spec.system != path.parent.name:
            problems.append(Problem("The folder must be named like the system.", str(path.parent.name), spec.system))
        specs[spec.system] = spec
    if problems:
        raise ConnectorError(*problems)
    return specs


def label_columns(export: ExportSpec, labels: Iterable[str]) -> Mapping[int, str]:
    """Return position -> column for the labels of a header; a column that comes twice keeps its first place."""
    found: dict[int, str] = {}
    for position, label in enumerate(labels):
        column = export.by_label.get(folded(label))
        if column is not None and column not in found.values():
            found[position] = column
    return found
