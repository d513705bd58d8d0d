"""Typed settings: what journeys.yaml may say, and the default of every setting."""

from __future__ import annotations

from pydantic import Field, model_validator

from pipeline.config.sections.base import Section
from pipeline.config.sections.business import Business, Privacy, Reporting
from pipeline.config.sections.effects import Effects, Experiment
from pipeline.config.sections.files import GenericExport, Pin, Source
from pipeline.config.sections.funnels import SHIPPED, Funnel
from pipeline.config.sections.identity import Identity
from pipeline.config.sections.journeys import Attribution, DropOff, Journeys
from pipeline.config.sections.money import Money
from pipeline.config.sections.orders import Orders
from pipeline.config.sections.paths import Paths
from pipeline.config.sections.running import Notify, Run, Schedule
from pipeline.config.sections.touches import (
    ChannelRule,
    ClickIds,
    InteractionChange,
    Internal,
    Referrers,
    Scanners,
    Sessions,
    StageRule,
)


class Settings(Section):
    """Everything journeys.yaml may say."""

    business: Business = Business()
    reporting: Reporting = Reporting()
    sources: dict[str, Source] = Field({})
    files: tuple[Pin, ...] = ()
    generic: tuple[GenericExport, ...] = ()
    money: Money = Money()
    orders: Orders = Orders()
    sessions: Sessions = Sessions()
    journeys: Journeys = Journeys()
    attribution: Attribution = Attribution()
    paths: Paths = Paths()
    drop_off: DropOff = DropOff()
    effects: Effects = Effects()
    funnels: tuple[Funnel, ...] = Field(
        SHIPPED, max_length=30, description="Funnels; those given stand in the place of the two that are shipped."
    )
    experiments: dict[str, Experiment] = Field({})
    identity: Identity = Identity()
    referrers: Referrers = Referrers()
    internal: Internal = Internal()
    scanners: Scanners = Scanners()
    click_ids: ClickIds = ClickIds()
    channel_rules: tuple[ChannelRule, ...] = ()
    stage_rules: tuple[StageRule, ...] = ()
    interactions: dict[str, InteractionChange] = Field({})
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
        names = [funnel.name for funnel in self.funnels]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"funnels need different names; given twice: {', '.join(twice)}")
        return self
