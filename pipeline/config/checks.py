"""What journeys.yaml names that does not exist: such a rule would never match, and nobody would notice."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.config.sections.funnels import Match
from pipeline.config.sections.journeys import Journeys
from pipeline.config.sections.money import Money
from pipeline.config.sections.paths import PageGroup
from pipeline.config.sections.touches import ChannelRule, InternalHost, SilentHost, StageRule
from pipeline.config.settings import Settings
from pipeline.errors import Problem, unknown_name

#: Channels that touches and journeys have without a rule.
_CHANNELS_WITHOUT_RULE = ("Direct", "Unassigned", "No tracked touchpoint")


def name_problems(settings: Settings, systems: Collection[str], interactions: Collection[str]) -> list[Problem]:
    """Return every name in the settings that is unknown, and every expression that does not read.

    Args:
        settings: The typed settings.
        systems: Connectors there are; names of systems are not looked at when it is empty.
        interactions: Interactions there are.
    """
    problems = [
        unknown_name("interaction", name, interactions, f"journeys.yaml: {where}")
        for where, name in _interactions(settings)
        if name not in interactions
    ]
    if systems:
        # The shipped priorities may name systems that a trimmed installation does not have.
        named = (export.system for export in settings.generic)
        there = {*systems, *Money().order_priority, *Journeys().source_priority, *named}
        problems += [
            unknown_name("connector", name, there, f"journeys.yaml: {where}")
            for where, name in _systems(settings)
            if name not in there
        ]
    problems += _unreadable(settings.channel_rules, "channel_rules")
    problems += _unreadable(settings.stage_rules, "stage_rules")
    problems += _unreadable(settings.referrers.silent, "referrers.silent")
    problems += _unreadable_value("orders.replacement_regex", settings.orders.replacement_regex)
    problems += _unreadable_value("money.gift_card_regex", settings.money.gift_card_regex)
    problems += _unreadable(settings.internal.hosts, "internal.hosts")
    problems += _unreadable(settings.paths.page_groups, "paths.page_groups")
    for where, match in funnel_matches(settings):
        problems += _unreadable_value(f"{where}.page_regex", match.page_regex or "")
    return problems


def channel_problems(settings: Settings, channels: Collection[str]) -> list[Problem]:
    """Return every channel the settings name and no touch can have: no rule gives it, and it is not Direct."""
    there = {*channels, *_CHANNELS_WITHOUT_RULE}
    return [
        unknown_name("channel", name, there, f"journeys.yaml: {where}")
        for where, name in _channels(settings)
        if name not in there
    ]


def currency_problems(settings: Settings, currencies: Collection[str]) -> list[Problem]:
    """Return every currency the settings name that is none: no amount could be told in it or converted."""
    return [
        unknown_name("currency", name, currencies, f"journeys.yaml: {where}.currency")
        for where, name in _currencies(settings)
        if name is not None and name not in currencies
    ]


def _currencies(settings: Settings) -> Iterator[tuple[str, str | None]]:
    yield "reporting", settings.reporting.currency
    yield from ((f"sources.{system}", source.currency) for system, source in settings.sources.items())
    yield from ((f"files.{index}", pin.currency) for index, pin in enumerate(settings.files))
    yield from ((f"generic.{export.name}", export.currency) for export in settings.generic)


def _channels(settings: Settings) -> Iterator[tuple[str, str]]:
    for experiment, given in settings.experiments.items():
        if given.channel is not None:
            yield f"experiments.{experiment}.channel", given.channel
    if "paid_channels" in settings.attribution.model_fields_set:
        for index, channel in enumerate(settings.attribution.paid_channels):
            yield f"attribution.paid_channels.{index}", channel
    for index, anchor in enumerate(settings.paths.anchors):
        if anchor.path_kind == "channel":
            yield f"paths.anchors.{index}.step", anchor.step
    for index, pair in enumerate(settings.paths.compare):
        if pair.trait == "first_channel":
            yield f"paths.compare.{index}.first", pair.first
            yield f"paths.compare.{index}.second", pair.second
    for index, funnel in enumerate(settings.funnels):
        for place, breakdown in enumerate(funnel.breakdown):
            if breakdown.column in ("channel", "first_channel"):
                for name in breakdown.compare or ():
                    yield f"funnels.{index}.breakdown.{place}.compare", name


def _interactions(settings: Settings) -> Iterator[tuple[str, str]]:
    for name in settings.interactions:
        yield "interactions", name
    for system, names in settings.event_names.items():
        for event_name, interaction in names.items():
            yield f"event_names.{system}.{event_name}", interaction
    for index, rule in enumerate(settings.stage_rules):
        if rule.interaction is not None:
            yield f"stage_rules.{index}.interaction", rule.interaction
    for index, anchor in enumerate(settings.paths.anchors):
        if anchor.path_kind == "interaction":
            yield f"paths.anchors.{index}.step", anchor.step
    for where, match in funnel_matches(settings):
        yield from ((f"{where}.interaction", name) for name in match.interactions)


def funnel_matches(settings: Settings) -> Iterator[tuple[str, Match]]:
    """Yield every test of a funnel's steps and exclusions with its place in the settings."""
    for number, funnel in enumerate(settings.funnels):
        yield from ((f"funnels.{number}.steps.{place}", step) for place, step in enumerate(funnel.steps))
        yield from ((f"funnels.{number}.exclude.{place}", match) for place, match in enumerate(funnel.exclude))


def _systems(settings: Settings) -> Iterator[tuple[str, str]]:
    yield from (("sources", name) for name in settings.sources)
    yield from (("event_names", name) for name in settings.event_names)
    yield from (("money.order_priority", name) for name in settings.money.order_priority)
    yield from (("money.details_priority", name) for name in settings.money.details_priority)
    yield from (("journeys.main_sources", name) for name in settings.journeys.main_sources)
    yield from (("journeys.source_priority", name) for name in settings.journeys.source_priority)
    for index, rule in enumerate(settings.stage_rules):
        if rule.source_system is not None:
            yield f"stage_rules.{index}.source_system", rule.source_system


def _unreadable(
    rules: Iterable[ChannelRule | StageRule | SilentHost | InternalHost | PageGroup], section: str
) -> Iterator[Problem]:
    for index, rule in enumerate(rules):
        for name, value in rule.model_dump(exclude_none=True).items():
            if name.endswith("_regex"):
                yield from _unreadable_value(f"{section}.{index}.{name}", value)


def _unreadable_value(where: str, value: str) -> Iterator[Problem]:
    """Read a regular expression with the library that DuckDB reads it with later."""
    try:
        pc.match_substring_regex(pa.array([""]), value)
    except pa.ArrowInvalid as error:
        what = str(error).removeprefix("Invalid regular expression: ")
        yield Problem(f"The regular expression cannot be read ({what}).", f"journeys.yaml: {where}", value)
