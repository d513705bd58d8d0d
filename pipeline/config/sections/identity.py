"""Which identifiers may join records into one person."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from pipeline.config.sections.base import Section


class BlockedValue(Section):
    """An identifier that joins nobody."""

    kind: Literal["email", "phone", "user_id", "loyalty_id", "client_id", "person_key"] = Field(
        description="Kind of identifier."
    )
    match: Literal["value", "local_part", "domain"] = Field("value", description="What `value` is compared with.")
    value: str = Field(description="The value itself, or the part of an e-mail address before or after the @.")
    meaning: str = Field("Blocked in journeys.yaml", description="Why, for those who read the links.")


class Limit(Section):
    """How many identifiers of another kind one identifier may join before it is a way of contact, not a person."""

    kind: str = Field(description="Kind of the identifier that is limited, such as phone.")
    joins_kind: str = Field(description="Kind of the identifiers it may join, such as email.")
    most: int = Field(ge=1, description="How many of them.")
    rule: str = Field("limit_in_settings", description="Name of the rule, as refused links show it.")


class Identity(Section):
    """Which identifiers may join records into one person."""

    blocked: tuple[BlockedValue, ...] = Field((), description="Values that join nobody, besides those shipped.")
    limits: tuple[Limit, ...] = Field((), description="Limits per identifier; they replace shipped ones of that pair.")
