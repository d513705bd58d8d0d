"""What the files of data/raw do not say themselves."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field, field_validator, model_validator

from pipeline.config.sections.base import Section, known_encoding, known_zone


class Source(Section):
    """What one system's exports do not say themselves."""

    zone: str | None = Field(None, description="Time zone of times that the export writes without one.")
    currency: str | None = Field(None, pattern="^[A-Z]{3}$", description="Currency of amounts written without one.")
    decimal_mark: Literal[".", ","] | None = Field(
        None, description="Decimal mark of amounts in text exports; each file shows its own if left out."
    )
    minor_units: bool | None = Field(None, description="Amounts are written in cents, or the like of their currency.")
    provisional_days: int | None = Field(
        None,
        ge=0,
        le=90,
        description="Days for which the system may still change a day it has exported: they are marked as open. "
        "Default: what the connector knows (Google Analytics: 3).",
    )

    _zone = field_validator("zone")(known_zone)


class Pin(Section):
    """What a file is, when recognition should not decide."""

    path: str = Field(description="File or pattern below data/raw, e.g. crm/*.csv.")
    system: str = Field(description="Connector.")
    export: str | None = Field(None, description="Export of the connector; recognised among its exports if left out.")
    zone: str | None = Field(None, description="Time zone of this file.")
    currency: str | None = Field(None, pattern="^[A-Z]{3}$", description="Currency of this file.")
    decimal_mark: Literal[".", ","] | None = Field(None, description="Decimal mark of this file's amounts.")
    minor_units: bool | None = Field(None, description="Amounts of this file are cents, or the like of their currency.")
    encoding: str | None = Field(None, description="Text encoding of this file.")
    exported_on: date | None = Field(None, description="Day the export was made; a newer export wins.")

    _zone = field_validator("zone")(known_zone)
    _encoding = field_validator("encoding")(known_encoding)


class Mapped(Section):
    """Where a contract column comes from when it is not simply a column of the file."""

    sql: str | None = Field(None, description="A DuckDB expression over the file's columns.")
    value: str | int | float | bool | None = Field(None, description="The same value for every row.")

    @model_validator(mode="after")
    def _one_of_both(self) -> Mapped:
        if (self.sql is None) == (self.value is None):
            raise ValueError("give either sql or value")
        return self


class GenericExport(Section):
    """A file nobody wrote a connector for, mapped by the user."""

    name: str = Field(pattern="^[a-z][a-z0-9_]*$", description="Name of the export; letters, digits and _.")
    files: tuple[str, ...] = Field(min_length=1, description="Files or patterns below data/raw.")
    system: str = Field(
        "generic",
        pattern=r"^[a-z][a-z0-9_]*$",
        description="System the files come from. Orders are matched between systems, never within one: "
        "give the till and the shop a name each.",
    )
    records: str | None = Field(None, description="JSON path of the records in a JSON document, e.g. $.data[*].")
    zone: str | None = Field(None, description="Time zone of times without one.")
    currency: str | None = Field(None, pattern="^[A-Z]{3}$", description="Currency of amounts without one.")
    decimal_mark: Literal[".", ","] | None = Field(
        None, description="Decimal mark of amounts; each file shows its own if left out."
    )
    minor_units: bool | None = Field(None, description="Amounts are written in cents, or the like of their currency.")
    key: tuple[str, ...] = Field((), description="Columns that tell rows apart; default: the whole row.")
    totals: tuple[str, ...] = Field((), description="Words in the first cell that mark a totals row.")
    shapes: dict[str, dict[str, str | Mapped]] = Field(
        min_length=1,
        description="Shape: contract column: a column of the file, {sql: expression} or {value: constant}.",
    )

    _zone = field_validator("zone")(known_zone)
