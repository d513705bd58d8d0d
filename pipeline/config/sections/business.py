"""Who the numbers are about, and how they are shown."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field, field_validator

from pipeline.config.sections.base import Section, known_zone


class Business(Section):
    """Who the numbers are about."""

    name: str = Field("My business", description="Stands at the top of every report.")
    own_hosts: tuple[str, ...] = Field((), description="Host names of the business's own sites.")
    own_email_domains: tuple[str, ...] = Field(
        (), description="Mail domains of the business itself; such addresses identify no customer."
    )
    country: str = Field("US", pattern="^[A-Z]{2}$", description="Country of phone numbers written without a code.")


class Reporting(Section):
    """How numbers are shown."""

    zone: str = Field("UTC", description="Time zone that days, weeks and months are cut in.")
    currency: str = Field("USD", pattern="^[A-Z]{3}$", description="Currency that all money is converted to.")
    as_of: datetime | None = Field(None, description="Look at the data as of this time; default: the latest event.")
    guard_n: int = Field(30, ge=1, description="A rate on fewer cases than this is not shown as a number.")

    _zone = field_validator("zone")(known_zone)


class Privacy(Section):
    """What reports may show of a person."""

    show_identifiers: bool = Field(False, description="Show e-mail addresses and phone numbers in reports.")
