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


class Linkage(Section):
    """Probable links between person records, by name, birth date, address and phone; needs the extra `linkage`."""

    enabled: bool = Field(False, description="Follow probable links where no conflict of strong ids forbids it.")
    min_match_probability: float = Field(0.99, ge=0.5, lt=1, description="Pairs that are less probable are no link.")


class Identity(Section):
    """Which identifiers may join records into one person."""

    blocked: tuple[BlockedValue, ...] = Field((), description="Values that join nobody, besides those shipped.")
    limits: tuple[Limit, ...] = Field((), description="Limits per identifier; they replace shipped ones of that pair.")
    one_per_person: tuple[Literal["user_id", "loyalty_id", "person_key", "email", "phone"], ...] = Field(
        ("user_id", "loyalty_id"),
        description="Kinds of which a person has but one: links that would bring two together are refused, the weakest "
        "first, unless one person record or a line of identity.csv holds both.",
    )
    bridge_identifiers: int = Field(
        5,
        ge=2,
        description="A single row through a phone or a browser that alone holds two groups of at least this many "
        "identifiers together is listed as a bridge; it is refused when both groups have an account or card.",
    )
    device_split_hours: int = Field(
        24,
        ge=0,
        description="What is done on a shared device without a name belongs to whoever was known on it nearest in "
        "time, at most this many hours away; 0 leaves it to nobody.",
    )
    household_people: int = Field(
        6, ge=2, description="More people than this who share an address, number, card or device are no household."
    )
    linkage: Linkage = Linkage()
