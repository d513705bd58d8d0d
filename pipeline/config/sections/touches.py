"""What is a touch, which channel and stage it belongs to."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from pipeline.config.sections.base import Section


class Sessions(Section):
    """When a visit ends.

    `ga4` keeps the sessions that an export carries and cuts by silence alone. `matomo` also cuts at midnight of the
    reporting zone, on a new campaign and after 10,000 actions, and `custom` where the settings say; these two cut
    inside the sessions of an export as well, and never join them.
    """

    preset: Literal["ga4", "matomo", "custom"] = Field("ga4", description="Whose rules decide where a visit ends.")
    timeout_minutes: int = Field(30, ge=1, le=475, description="Minutes without activity that end a visit.")
    split_at_midnight: bool | None = Field(
        None, description="Midnight of the reporting zone ends a visit; of `custom`, else the preset says."
    )
    new_on_campaign: bool | None = Field(
        None, description="Another campaign begins another visit; of `custom`, else the preset says."
    )
    new_on_website: bool | None = Field(
        None, description="Another website that refers begins another visit; of `custom`, else the preset says."
    )
    max_actions: int | None = Field(
        None, ge=1, description="Events after which a visit ends; of `custom`, else the preset says."
    )

    @model_validator(mode="after")
    def _preset_decides(self) -> Sessions:
        own = ("split_at_midnight", "new_on_campaign", "new_on_website", "max_actions")
        given = [name for name in own if getattr(self, name) is not None]
        if self.preset != "custom" and given:
            raise ValueError(f"{', '.join(given)} can only be set with preset: custom; {self.preset} has its own")
        return self

    @property
    def splits_at_midnight(self) -> bool:
        """Tell whether midnight of the reporting zone ends a visit."""
        return self.preset == "matomo" or bool(self.split_at_midnight)

    @property
    def splits_on_campaign(self) -> bool:
        """Tell whether another campaign begins another visit."""
        return self.preset == "matomo" or bool(self.new_on_campaign)

    @property
    def most_actions(self) -> int | None:
        """Return after how many events a visit ends; None for no such limit."""
        return 10_000 if self.preset == "matomo" else self.max_actions


class Scanners(Section):
    """Which clicks on messages a machine made: several links within a second, or quick and no page seen after."""

    seconds_after_delivery: int = Field(10, ge=0, description="A click so soon after delivery is quick.")
    page_view_minutes: int = Field(
        10, ge=1, description="A quick click is a person's when a page is seen so soon after."
    )


class InternalHost(Section):
    """A host that only the business itself uses."""

    host_regex: str = Field(description="The whole host of the page, in lower case, fits this.")


class Internal(Section):
    """Which visits are the business's own; the shipped hosts are in `pipeline/defaults/internal_hosts.csv`.

    People with an address of `business.own_email_domains` are staff as well.
    """

    staff_ids: tuple[str, ...] = Field((), description="Log-in ids of staff.")
    hosts: tuple[InternalHost, ...] = Field((), description="Hosts besides those shipped, e.g. of a copy for testing.")
    public_hosts: tuple[str, ...] = Field(
        (), description="Patterns of the shipped list that customers do visit here, as they are written there."
    )


class SilentHost(Section):
    """A referrer that is part of a visit and never what brought it."""

    kind: Literal["own", "payment", "bank", "login", "webmail"] = Field(description="Why it brings nobody.")
    host_regex: str = Field(description="The whole host, in lower case, fits this.")


class Referrers(Section):
    """Which referrers never become a touch; the shipped list is `pipeline/defaults/silent_hosts.csv`."""

    silent: tuple[SilentHost, ...] = Field((), description="Hosts besides those shipped and `business.own_hosts`.")
    earning: tuple[str, ...] = Field(
        (), description="Patterns of the shipped list that do earn credit here, as they are written there."
    )


class ClickId(Section):
    """A parameter that a platform adds to the address of the page its links lead to."""

    parameter: str = Field(pattern="^[A-Za-z0-9_.-]+$", description="Name of the parameter, e.g. gclid.")
    source: str = Field(description="Source that it stands for.")
    medium: str = Field(description="Medium that it stands for.")
    proves_paid: bool = Field(True, description="Only a paid click carries it.")


class ClickIds(Section):
    """What click ids say about visits; the shipped list is `pipeline/defaults/click_ids.csv`."""

    own: tuple[ClickId, ...] = Field((), description="Parameters besides those shipped, or instead of them.")
    ignored: tuple[str, ...] = Field((), description="Parameters of the shipped list that say nothing here.")
    overwrite_tags: bool = Field(
        False, description="A click id that proves a paid click outweighs a campaign tag set by hand."
    )


class ChannelRule(Section):
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


class StageRule(Section):
    """A stage rule of the user's own; own rules are tried before the shipped ones."""

    stage: Literal["awareness", "consideration", "decision", "purchase", "retention"] = Field(
        description="Stage that the event is evidence of."
    )
    source_system: str | None = Field(None, description="Only events of this system.")
    interaction: str | None = Field(None, description="Only events of this interaction.")
    event_name_regex: str | None = Field(None, description="The whole event name fits this.")
    page_regex: str | None = Field(None, description="The whole path of the page fits this.")


class InteractionChange(Section):
    """What to change about a shipped interaction."""

    stage: Literal["awareness", "consideration", "decision", "purchase", "retention", "none"] | None = Field(
        None, description="Stage it is evidence of."
    )
    touch: Literal["visit", "own", "none"] | None = Field(
        None, description="Whether it earns credit as part of its visit, on its own, or not at all."
    )
    lookback_days: int | None = Field(None, ge=1, description="Days after which it earns no credit.")
