"""Click ids: what the parameters say that platforms add to the pages their links lead to."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.config.settings import Settings
from pipeline.errors import Problem, unknown_name


def click_ids(settings: Settings, shipped: Sequence[dict[str, object]]) -> list[dict[str, object]]:
    """Return the rows of `config.click_ids`: the user's before the shipped ones, each parameter once, in lower case."""
    rows: dict[str, dict[str, object]] = {}
    ignored = {name.lower() for name in settings.click_ids.ignored}
    for own in settings.click_ids.own:
        rows.setdefault(own.parameter.lower(), {"meaning": "Named in journeys.yaml"} | own.model_dump())
    for row in shipped:
        if str(row["parameter"]) not in ignored:
            rows.setdefault(str(row["parameter"]), row | {"proves_paid": row["proves_paid"] == "true"})
    return [row | {"parameter": name, "priority": place} for place, (name, row) in enumerate(rows.items(), 1)]


def ignored_problems(settings: Settings, shipped: Sequence[dict[str, object]]) -> list[Problem]:
    """Return which of `click_ids.ignored` is no parameter of the shipped list, and so would change nothing."""
    known = [str(row["parameter"]) for row in shipped]
    return [
        unknown_name("parameter of the shipped list", name, known, "journeys.yaml: click_ids.ignored")
        for name in settings.click_ids.ignored
        if name.lower() not in known
    ]
