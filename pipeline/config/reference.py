"""The reference of journeys.yaml, made of the settings themselves."""

from __future__ import annotations

import types
import typing
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from pipeline.config.settings import Settings

_EXAMPLE = """\
```yaml
business:
  name: Fernhollow Tea
  own_hosts: [shop.example.com]
  own_email_domains: [fernhollow.example]
reporting: {zone: America/New_York, currency: USD}
sources:
  hubspot: {zone: America/New_York, currency: USD}   # the export writes times and amounts without either
files:
  - {path: "old/crm-*.csv", system: hubspot, export: contacts}
journeys: {first_order_lookback_days: 30, lookback_days: 90}
channel_rules:
  - {channel: Affiliates, source_regex: "partner-.*"}
```
"""


def settings_reference(note: str) -> str:
    """Return every setting with its type, default and meaning, as Markdown."""
    parts = [
        f"# journeys.yaml\n\n{note}\n",
        "The file stands at the top of the project; every setting may be left out. A mistake is answered with its "
        "line, what is allowed and the nearest right name, before any file is read.\n",
        _EXAMPLE,
    ]
    for name, field in Settings.model_fields.items():
        model, shape = _section(field.annotation)
        if model is None:
            parts.append(f"## {name}\n\n{field.description}\n")
            continue
        parts.append(f"## {name}\n\n{' '.join((model.__doc__ or '').split())} {shape}".rstrip() + "\n")
        parts.append(_rows(model))
    return "\n".join(parts).rstrip() + "\n"


def _section(annotation: Any) -> tuple[type[BaseModel] | None, str]:
    """Return the model that describes a part of the file, and how often it may stand there."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation, ""
    inner = [part for part in typing.get_args(annotation) if isinstance(part, type) and issubclass(part, BaseModel)]
    if not inner:
        return None, ""
    repeated = "A list." if typing.get_origin(annotation) is tuple else "One entry for each name."
    return inner[0], repeated


def _rows(model: type[BaseModel]) -> str:
    lines = ["| setting | type | default | meaning |", "|---|---|---|---|"]
    nested = []
    for name, field in model.model_fields.items():
        inner, shape = _section(field.annotation)
        kind = f"list, see {model.__name__}.{name}" if inner and shape == "A list." else _kind(field.annotation)
        meaning = (field.description or (inner.__doc__ if inner else "") or "").replace("|", "\\|")
        lines.append(f"| `{name}` | {kind} | {_default(field)} | {' '.join(meaning.split())} |")
        if inner and shape == "A list.":
            nested.append(f"### {model.__name__}.{name}\n\n{' '.join((inner.__doc__ or '').split())}\n\n{_rows(inner)}")
    return "\n".join([*lines, "", *nested])


def _kind(annotation: Any) -> str:
    origin, inner = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Literal:
        return ", ".join(f"`{value}`" for value in inner)
    if origin in (typing.Union, types.UnionType):
        return " or ".join(_kind(part) for part in inner if part is not type(None))
    if origin is tuple:
        return f"list of {_kind(inner[0])}"
    if origin is dict:
        return f"map of {_kind(inner[1])}"
    words = {str: "text", int: "whole number", float: "number", bool: "`true` or `false`"}
    return words.get(annotation, getattr(annotation, "__name__", str(annotation)).lower())


def _default(field: FieldInfo) -> str:
    if field.default is PydanticUndefined:
        return "must be given"
    value = field.default
    if value is None or value in ((), {}):
        return ""
    if isinstance(value, tuple):
        return ", ".join(f"`{part}`" for part in value)
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"
