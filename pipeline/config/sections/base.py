"""What every section of the settings shares."""

from __future__ import annotations

import codecs
from functools import cache
from zoneinfo import available_timezones

from pydantic import BaseModel, ConfigDict

from pipeline.errors import nearest_name

#: Asked for by every zone of the settings, and each answer walks through hundreds of folders.
_zones = cache(available_timezones)


class Section(BaseModel):
    """A part of the settings that refuses names it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def known_zone(zone: str | None) -> str | None:
    """Return the zone; raise ValueError with the nearest one when the IANA list has no such."""
    if zone is not None and zone not in _zones():
        near = nearest_name(zone, sorted(_zones()))
        named = f"the nearest is {near}" if near else "such are Europe/Berlin and America/New_York"
        raise ValueError(f"it is not a time zone of the IANA list; {named}")
    return zone


def known_encoding(encoding: str | None) -> str | None:
    """Return the encoding; raise ValueError when Python knows no such."""
    try:
        codecs.lookup(encoding or "utf-8")
    except LookupError as error:
        raise ValueError("it is not a text encoding; such are utf-8, utf-16 and windows-1252") from error
    return encoding
