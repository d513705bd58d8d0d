"""The `config.*` tables: rules and settings as rows that models join like any other table."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipeline.config.checks import channel_problems, currency_problems, name_problems
from pipeline.config.clicks import click_ids, ignored_problems
from pipeline.config.costs import read_costs
from pipeline.config.extras import extra_problems, linkage_rows
from pipeline.config.funnels import funnel_rows
from pipeline.config.hosts import earning_problems, internal_hosts, public_problems, silent_hosts
from pipeline.config.rates import read_rates
from pipeline.config.schemas import SCHEMAS
from pipeline.config.sections.effects import arm_rows, experiment_rows
from pipeline.config.settings import Settings
from pipeline.errors import ConfigError, unknown_name

DEFAULTS = Path(__file__).parent.parent / "defaults"


@cache
def default_rows(name: str) -> tuple[dict[str, object], ...]:
    """Return the rows of a shipped table; an empty cell is None."""
    with (DEFAULTS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return tuple({key: value or None for key, value in row.items()} for row in csv.DictReader(file))


def config_tables(
    settings: Settings, root: Path, event_names: Mapping[str, Mapping[str, str]] | None = None
) -> dict[str, pa.Table]:
    """Return every `config` table but `settings` and `clock`, which depend on the data.

    Args:
        settings: The typed settings.
        root: Folder that paths in the settings start from.
        event_names: Per system, the event names its connector knows.

    Raises:
        ConfigError: a rule names something that does not exist, or the rates file cannot be used.
    """
    rules = _ordered(settings.channel_rules, "channel_rules")
    _check_names(settings, event_names or {}, {str(rule["channel"]) for rule in rules})
    rates = _rates(settings, root)
    rows: dict[str, list[dict[str, object]]] = {
        "stages": list(map(dict, default_rows("stages"))),
        "interactions": _interactions(settings),
        "stage_rules": _ordered(settings.stage_rules, "stage_rules"),
        "channel_rules": rules,
        "source_categories": list(map(dict, default_rows("source_categories"))),
        "source_hosts": list(map(dict, default_rows("source_hosts"))),
        "silent_hosts": silent_hosts(settings, default_rows("silent_hosts")),
        "staff_ids": [{"user_id": user_id} for user_id in settings.internal.staff_ids],
        "internal_hosts": internal_hosts(settings, default_rows("internal_hosts")),
        "click_ids": click_ids(settings, default_rows("click_ids")),
        "identifier_rules": _identifier_rules(settings),
        "identifier_limits": _identifier_limits(settings),
        "identifier_strengths": _identifier_strengths(settings),
        "linkage": linkage_rows(settings),
        "currencies": _currencies(settings, rates),
        "rates": rates,
        "product_costs": _costs(settings, root),
        "decision_rules": list(map(dict, default_rows("decision_rules"))),
        "phone_regions": _phone_regions(settings.business.country),
        "time_zone_names": list(map(dict, default_rows("time_zone_names"))),
        "event_names": _event_names(settings, event_names or {}),
        "own_hosts": [{"host": host.lower()} for host in settings.business.own_hosts],
        "order_priority": _ranked(settings.money.order_priority, settings),
        "details_priority": _ranked(settings.money.details_priority, settings),
        "main_sources": [{"source_system": system} for system in settings.journeys.main_sources],
        "source_priority": _ranked(settings.journeys.source_priority, settings),
        "page_groups": [
            {"rule_order": place, "page_regex": rule.page_regex, "page_group": rule.group}
            for place, rule in enumerate(settings.paths.page_groups, 1)
        ],
        "path_anchors": [anchor.model_dump() for anchor in dict.fromkeys(settings.paths.anchors)],
        "path_comparisons": [
            {"comparison": place} | pair.model_dump() for place, pair in enumerate(settings.paths.compare, 1)
        ],
        **funnel_rows(settings),
        "experiments": experiment_rows(settings.experiments),
        "experiment_arms": arm_rows(settings.experiments),
    }
    return {name: typed(name, given) for name, given in rows.items()}


def _check_names(settings: Settings, event_names: Mapping[str, Mapping[str, str]], channels: set[str]) -> None:
    """Check what the settings name against what is shipped, and say all at once.

    Raises:
        ConfigError: a rule names something that does not exist.
    """
    problems = name_problems(settings, event_names, [str(row["interaction"]) for row in default_rows("interactions")])
    problems += earning_problems(settings, default_rows("silent_hosts"))
    problems += public_problems(settings, default_rows("internal_hosts"))
    problems += ignored_problems(settings, default_rows("click_ids"))
    problems += extra_problems(settings)
    problems += currency_problems(settings, [str(row["currency"]) for row in default_rows("currencies")])
    problems += channel_problems(settings, channels)
    if problems:
        raise ConfigError(*problems)


def typed(name: str, rows: list[dict[str, object]]) -> pa.Table:
    """Return `rows` as the config table `name`, with its columns and types."""
    schema = SCHEMAS[name]
    columns = []
    for field in schema:
        values = [row.get(field.name) for row in rows]
        if pa.types.is_integer(field.type):
            values = [None if value is None else int(str(value)) for value in values]
        columns.append(pa.array(values, type=field.type))
    return pa.Table.from_arrays(columns, schema=schema)


def _ranked(systems: tuple[str, ...], settings: Settings) -> list[dict[str, object]]:
    """Number the systems; those that mapped files name and the list does not stand where `generic` stands."""
    named = [export.system for export in settings.generic if export.system not in systems]
    ranked = [name for system in systems for name in (*(named if system == "generic" else ()), system)]
    return [{"source_system": system, "priority": place} for place, system in enumerate(dict.fromkeys(ranked), 1)]


def _interactions(settings: Settings) -> list[dict[str, object]]:
    rows: dict[str, dict[str, object]] = {str(row["interaction"]): dict(row) for row in default_rows("interactions")}
    for name, change in settings.interactions.items():
        given = change.model_dump(exclude_none=True)
        if given.get("stage") == "none":
            given["stage"] = None
        rows[name].update(given)
    return list(rows.values())


def _event_names(settings: Settings, shipped: Mapping[str, Mapping[str, str]]) -> list[dict[str, object]]:
    interactions = {str(row["interaction"]) for row in default_rows("interactions")}
    problems = [
        unknown_name("interaction", interaction, interactions, f"event_names.{system}.{name}")
        for system, names in shipped.items()
        for name, interaction in names.items()
        if interaction not in interactions
    ]
    if problems:
        raise ConfigError(*problems)
    systems = sorted({*shipped, *settings.event_names})
    return [
        {"source_system": system, "event_name": name, "interaction": interaction}
        for system in systems
        for name, interaction in {**shipped.get(system, {}), **settings.event_names.get(system, {})}.items()
    ]


def _ordered(own: tuple, name: str) -> list[dict[str, object]]:
    """Put the user's rules before the shipped ones, in the order they were written."""
    rules: list[dict[str, object]] = []
    for index, rule in enumerate(own, 1):
        rules.append(
            {"rule_order": index, "rule": "own", "origin": "own", "says": "a rule of journeys.yaml"} | rule.model_dump()
        )
    shipped = [dict(row) for row in default_rows(name)]
    for row in shipped:
        row["rule_order"] = 1000 + int(str(row["rule_order"]))
    return [*rules, *shipped]


def _identifier_rules(settings: Settings) -> list[dict[str, object]]:
    rows = list(map(dict, default_rows("identifier_rules")))
    for domain in settings.business.own_email_domains:
        own = {"rule": "own_address", "meaning": "An address of the business itself"}
        rows.append({"kind": "email", "match": "domain", "value": domain.lower(), **own})
    for blocked in settings.identity.blocked:
        rows.append({"rule": "blocked_in_settings"} | blocked.model_dump())
    return rows


def _identifier_limits(settings: Settings) -> list[dict[str, object]]:
    rows = {(row["kind"], row["joins_kind"]): dict(row) for row in default_rows("identifier_limits")}
    for limit in settings.identity.limits:
        rows[(limit.kind, limit.joins_kind)] = {"meaning": "Limit in journeys.yaml"} | limit.model_dump()
    return list(rows.values())


def _identifier_strengths(settings: Settings) -> list[dict[str, object]]:
    strong = set(settings.identity.one_per_person)
    return [dict(row) | {"is_strong": row["kind"] in strong} for row in default_rows("identifier_strengths")]


def _currencies(settings: Settings, rates: list[dict[str, object]]) -> list[dict[str, object]]:
    first: dict[object, date] = {settings.reporting.currency: date.min}
    for row in rates:
        day = row["day"]
        assert isinstance(day, date)
        first[row["currency"]] = min(day, first.get(row["currency"], date.max))
    return [
        dict(row) | {"is_convertible": row["currency"] in first, "first_rate_on": first.get(row["currency"])}
        for row in default_rows("currencies")
    ]


def _rates(settings: Settings, root: Path) -> list[dict[str, object]]:
    named = settings.money.rates_file
    if named is None:
        return []
    known = (str(row["currency"]) for row in default_rows("currencies"))
    return read_rates(root / named, named, settings.reporting.currency, known)


def _costs(settings: Settings, root: Path) -> list[dict[str, object]]:
    named = settings.money.product_costs_file
    return [] if named is None else read_costs(root / named, named)


def _phone_regions(home: str) -> list[dict[str, object]]:
    """Return how every country writes phone numbers, from the metadata of the phonenumbers library."""
    import phonenumbers

    if home not in phonenumbers.SUPPORTED_REGIONS:
        raise ConfigError(
            unknown_name("country", home, phonenumbers.SUPPORTED_REGIONS, "journeys.yaml: business.country")
        )
    rows: list[dict[str, object]] = []
    for country in sorted(phonenumbers.SUPPORTED_REGIONS):
        region: Any = phonenumbers.PhoneMetadata.metadata_for_region(country)
        lengths = [length for length in region.general_desc.possible_length if length > 0]
        rows.append(
            {
                "country": country,
                "calling_code": str(region.country_code),
                "international_prefix": region.international_prefix,
                "trunk_prefix": region.national_prefix,
                "min_length": min(lengths),
                "max_length": max(lengths),
                "is_home": country == home,
            }
        )
    return rows
