"""Typed settings: what journeys.yaml may say, and the default of every setting."""

from __future__ import annotations

import codecs
from datetime import date, datetime
from typing import Literal
from zoneinfo import available_timezones

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from pipeline.errors import nearest_name


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _known_zone(zone: str | None) -> str | None:
    if zone is not None and zone not in available_timezones():
        near = nearest_name(zone, sorted(available_timezones()))
        named = f"the nearest is {near}" if near else "such are Europe/Berlin and America/New_York"
        raise ValueError(f"it is not a time zone of the IANA list; {named}")
    return zone


def _known_encoding(encoding: str | None) -> str | None:
    try:
        codecs.lookup(encoding or "utf-8")
    except LookupError as error:
        raise ValueError("it is not a text encoding; such are utf-8, utf-16 and windows-1252") from error
    return encoding


class Business(_Section):
    """Who the numbers are about."""

    name: str = Field("My business", description="Stands at the top of every report.")
    own_hosts: tuple[str, ...] = Field((), description="Host names of the business's own sites.")
    own_email_domains: tuple[str, ...] = Field(
        (), description="Mail domains of the business itself; such addresses identify no customer."
    )
    country: str = Field("US", pattern="^[A-Z]{2}$", description="Country of phone numbers written without a code.")


class Reporting(_Section):
    """How numbers are shown."""

    zone: str = Field("UTC", description="Time zone that days, weeks and months are cut in.")
    currency: str = Field("USD", pattern="^[A-Z]{3}$", description="Currency that all money is converted to.")
    as_of: datetime | None = Field(None, description="Look at the data as of this time; default: the latest event.")
    guard_n: int = Field(30, ge=1, description="A rate on fewer cases than this is not shown as a number.")

    _zone = field_validator("zone")(_known_zone)


class Source(_Section):
    """What one system's exports do not say themselves."""

    zone: str | None = Field(None, description="Time zone of times that the export writes without one.")
    currency: str | None = Field(None, pattern="^[A-Z]{3}$", description="Currency of amounts written without one.")
    decimal_mark: Literal[".", ","] = Field(".", description="Decimal mark of numbers in text exports.")

    _zone = field_validator("zone")(_known_zone)


class Pin(_Section):
    """What a file is, when recognition should not decide."""

    path: str = Field(description="File or pattern below data/raw, e.g. crm/*.csv.")
    system: str = Field(description="Connector.")
    export: str | None = Field(None, description="Export of the connector; recognised among its exports if left out.")
    zone: str | None = Field(None, description="Time zone of this file.")
    currency: str | None = Field(None, pattern="^[A-Z]{3}$", description="Currency of this file.")
    encoding: str | None = Field(None, description="Text encoding of this file.")
    exported_on: date | None = Field(None, description="Day the export was made; a newer export wins.")

    _zone = field_validator("zone")(_known_zone)
    _encoding = field_validator("encoding")(_known_encoding)


class Money(_Section):
    """What counts as revenue and how it is converted."""

    revenue_includes_tax: bool = Field(False, description="Count tax as revenue.")
    revenue_includes_shipping: bool = Field(False, description="Count shipping as revenue.")
    rates_file: str | None = Field(None, description="CSV with day,currency,rate: units of reporting currency for one.")
    order_priority: tuple[str, ...] = Field(
        ("square", "hubspot", "generic", "ga4"),
        description="Which system's money stands when several have the same order; the first wins.",
    )


class Sessions(_Section):
    """When a visit ends, for sources without sessions of their own."""

    timeout_minutes: int = Field(30, ge=1, le=475, description="Minutes without activity that end a visit.")


class Journeys(_Section):
    """Where a journey begins and ends."""

    lookback_days: int = Field(90, ge=1, description="Days before a repeat order in which a touch counts.")
    first_order_lookback_days: int = Field(30, ge=1, description="Days before a first order in which a touch counts.")
    idle_days: int | None = Field(
        None, ge=1, description="Days of silence after which a journey is lost; default: the look-back that applies."
    )
    max_steps_drawn: int = Field(5, ge=2, le=10, description="Steps that the flow diagram shows from either end.")

    @model_validator(mode="after")
    def _lost_stays_lost(self) -> Journeys:
        longest = max(self.lookback_days, self.first_order_lookback_days)
        if self.idle_days is not None and self.idle_days < longest:
            raise ValueError(
                f"idle_days is {self.idle_days}, shorter than the look-back of {longest} days: "
                "a journey already counted as lost could still be credited with an order, and published numbers "
                "would change. "
                f"Set idle_days to at least {longest}, or shorten the look-back"
            )
        return self


class Attribution(_Section):
    """Settings of the credit models."""

    half_life_days: float = Field(7.0, gt=0, description="Age at which time decay halves a touch's weight.")
    position_first: float = Field(0.4, ge=0, le=1, description="Share of the first touch in the position model.")
    position_last: float = Field(0.4, ge=0, le=1, description="Share of the last touch in the position model.")
    j_last_of_two: float = Field(0.75, ge=0, le=1, description="J: share of the last of two touches (Amplitude: 0.7).")
    default_model: Literal[
        "first", "last", "last_non_direct", "linear", "position", "j_shaped", "inverse_j", "time_decay"
    ] = Field("last_non_direct", description="Model behind orders and revenue where a page shows only one.")

    @model_validator(mode="after")
    def _shares_fit(self) -> Attribution:
        if self.position_first + self.position_last > 1:
            raise ValueError("position_first and position_last add up to more than 1")
        return self


class BlockedValue(_Section):
    """An identifier that joins nobody."""

    kind: Literal["email", "phone", "user_id", "loyalty_id", "client_id", "person_key"] = Field(
        description="Kind of identifier."
    )
    match: Literal["value", "local_part", "domain"] = Field("value", description="What `value` is compared with.")
    value: str = Field(description="The value itself, or the part of an e-mail address before or after the @.")
    meaning: str = Field("Blocked in journeys.yaml", description="Why, for those who read the links.")


class Limit(_Section):
    """How many identifiers of another kind one identifier may join before it is a way of contact, not a person."""

    kind: str = Field(description="Kind of the identifier that is limited, such as phone.")
    joins_kind: str = Field(description="Kind of the identifiers it may join, such as email.")
    most: int = Field(ge=1, description="How many of them.")
    rule: str = Field("limit_in_settings", description="Name of the rule, as refused links show it.")


class Identity(_Section):
    """Which identifiers may join records into one person."""

    blocked: tuple[BlockedValue, ...] = Field((), description="Values that join nobody, besides those shipped.")
    limits: tuple[Limit, ...] = Field((), description="Limits per identifier; they replace shipped ones of that pair.")


class SilentHost(_Section):
    """A referrer that is part of a visit and never what brought it."""

    kind: Literal["own", "payment", "bank", "login", "webmail"] = Field(description="Why it brings nobody.")
    host_regex: str = Field(description="The whole host, in lower case, fits this.")


class Referrers(_Section):
    """Which referrers never become a touch; the shipped list is `pipeline/defaults/silent_hosts.csv`."""

    silent: tuple[SilentHost, ...] = Field((), description="Hosts besides those shipped and `business.own_hosts`.")
    earning: tuple[str, ...] = Field(
        (), description="Patterns of the shipped list that do earn credit here, as they are written there."
    )


class ChannelRule(_Section):
    """A channel rule of the user's own; own rules are tried before the shipped ones."""

    channel: str = Field(description="Channel the touch belongs to; a new name makes a new channel.")
    source_regex: str | None = Field(None, description="The whole source, in lower case, fits this.")
    source_category: Literal["search", "social", "shopping", "video"] | None = Field(
        None, description="The source is of this kind in the shipped list."
    )
    medium_regex: str | None = Field(None, description="The whole medium, in lower case, fits this.")
    campaign_regex: str | None = Field(None, description="The whole campaign, in lower case, fits this.")

    @model_validator(mode="after")
    def _says_something(self) -> ChannelRule:
        if not any((self.source_regex, self.source_category, self.medium_regex, self.campaign_regex)):
            raise ValueError("the rule has no condition, so it would take every touch")
        return self


class StageRule(_Section):
    """A stage rule of the user's own; own rules are tried before the shipped ones."""

    stage: Literal["awareness", "consideration", "decision", "purchase", "retention"] = Field(
        description="Stage that the event is evidence of."
    )
    source_system: str | None = Field(None, description="Only events of this system.")
    interaction: str | None = Field(None, description="Only events of this interaction.")
    event_name_regex: str | None = Field(None, description="The whole event name fits this.")
    page_regex: str | None = Field(None, description="The whole path of the page fits this.")


class InteractionChange(_Section):
    """What to change about a shipped interaction."""

    stage: Literal["awareness", "consideration", "decision", "purchase", "retention", "none"] | None = Field(
        None, description="Stage it is evidence of."
    )
    touch: Literal["visit", "own", "none"] | None = Field(
        None, description="Whether it earns credit as part of its visit, on its own, or not at all."
    )
    lookback_days: int | None = Field(None, ge=1, description="Days after which it earns no credit.")


class Privacy(_Section):
    """What reports may show of a person."""

    show_identifiers: bool = Field(False, description="Show e-mail addresses and phone numbers in reports.")


class Schedule(_Section):
    """When Dagster runs the nightly job."""

    cron: str = Field("0 3 * * *", description="Cron line of the nightly run.")
    zone: str | None = Field(None, description="Zone of the cron line; default: the reporting zone.")
    settle_seconds: int = Field(60, ge=1, description="Seconds a new file must have kept its size before a run starts.")

    _zone = field_validator("zone")(_known_zone)


class Notify(_Section):
    """Whom to tell when a night fails. Nothing is sent unless one of these is set."""

    webhook: str | None = Field(None, pattern="^https?://", description="URL that receives a JSON message.")
    email_to: str | None = Field(None, description="Address that receives a message.")
    smtp_host: str = Field("127.0.0.1", description="Mail server.")
    smtp_port: int = Field(25, ge=1, le=65535, description="Port of the mail server.")
    email_from: str = Field("journeys@localhost", description="Sender of the message.")


class Run(_Section):
    """Limits of one run."""

    threads: int | None = Field(None, ge=1, description="Threads DuckDB may use; default: every core.")
    memory_limit: str | None = Field(None, pattern=r"^\d+(\.\d+)?\s?(MB|GB|MiB|GiB)$", description="Memory for DuckDB.")
    storage_version: str = Field(
        "v1.5.0",
        pattern=r"^v1\.[0-9]+\.[0-9]+$",
        description="Storage version of the published file; older clients read it.",
    )
    keep_reports: int = Field(30, ge=1, description="Dated report folders that are kept.")
    max_cell_characters: int = Field(1_048_576, ge=1000, description="A longer cell rejects its row.")
    max_record_megabytes: int = Field(16, ge=1, description="A longer JSON record is rejected.")
    max_archive_gigabytes: float = Field(20.0, gt=0, description="An archive may not unpack to more.")
    max_archive_ratio: float = Field(
        300.0, gt=1, description="An archive member may not unpack to more times its size."
    )


class Mapped(_Section):
    """Where a contract column comes from when it is not simply a column of the file."""

    sql: str | None = Field(None, description="A DuckDB expression over the file's columns.")
    value: str | int | float | bool | None = Field(None, description="The same value for every row.")

    @model_validator(mode="after")
    def _one_of_both(self) -> Mapped:
        if (self.sql is None) == (self.value is None):
            raise ValueError("give either sql or value")
        return self


class GenericExport(_Section):
    """A file nobody wrote a connector for, mapped by the user."""

    name: str = Field(pattern="^[a-z][a-z0-9_]*$", description="Name of the export; letters, digits and _.")
    files: tuple[str, ...] = Field(min_length=1, description="Files or patterns below data/raw.")
    records: str | None = Field(None, description="JSON path of the records in a JSON document, e.g. $.data[*].")
    zone: str | None = Field(None, description="Time zone of times without one.")
    currency: str | None = Field(None, pattern="^[A-Z]{3}$", description="Currency of amounts without one.")
    decimal_mark: Literal[".", ","] = Field(".", description="Decimal mark of numbers.")
    key: tuple[str, ...] = Field((), description="Columns that tell rows apart; default: the whole row.")
    totals: tuple[str, ...] = Field((), description="Words in the first cell that mark a totals row.")
    shapes: dict[str, dict[str, str | Mapped]] = Field(
        min_length=1,
        description="Shape: contract column: a column of the file, {sql: expression} or {value: constant}.",
    )

    _zone = field_validator("zone")(_known_zone)


class Settings(_Section):
    """Everything journeys.yaml may say."""

    business: Business = Business()
    reporting: Reporting = Reporting()
    sources: dict[str, Source] = {}
    files: tuple[Pin, ...] = ()
    generic: tuple[GenericExport, ...] = ()
    money: Money = Money()
    sessions: Sessions = Sessions()
    journeys: Journeys = Journeys()
    attribution: Attribution = Attribution()
    identity: Identity = Identity()
    referrers: Referrers = Referrers()
    channel_rules: tuple[ChannelRule, ...] = ()
    stage_rules: tuple[StageRule, ...] = ()
    interactions: dict[str, InteractionChange] = {}
    event_names: dict[str, dict[str, str]] = Field({}, description="Per system: event name -> interaction.")
    privacy: Privacy = Privacy()
    schedule: Schedule = Schedule()
    notify: Notify = Notify()
    run: Run = Run()

    @model_validator(mode="after")
    def _names_once(self) -> Settings:
        names = [export.name for export in self.generic]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"generic exports need different names; given twice: {', '.join(twice)}")
        return self
