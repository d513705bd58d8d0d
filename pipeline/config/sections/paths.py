"""Which steps journeys are told in, where flows begin, and which groups of journeys are compared."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from pipeline.config.sections.base import Section
from pipeline.errors import nearest_name

#: What a step or a group may be called where that does not depend on the data.
_STAGES = ("awareness", "consideration", "decision", "retention")
_VALUES = {"customer_kind": ("new", "returning"), "outcome": ("converted", "lost", "open")}

PathKind = Literal["channel", "stage", "page_group", "interaction"]


class PageGroup(Section):
    """Pages that count as one step of a path."""

    page_regex: str = Field(description="The whole path of the page, in lower case, fits this, e.g. /products?/.*")
    group: str = Field(min_length=1, description="Name of the step.")


class Anchor(Section):
    """A step that flows are drawn from, forward and backward."""

    path_kind: PathKind = Field(description="What the steps are: channel, stage, page_group or interaction.")
    step: str = Field(min_length=1, description="Name of the step, as the reports write it.")

    @model_validator(mode="after")
    def _stage_is_one(self) -> Anchor:
        if self.path_kind == "stage":
            _known("stage", self.step, _STAGES)
        return self


class Comparison(Section):
    """Two groups of journeys that are compared."""

    trait: Literal[
        "customer_kind", "device_category", "first_channel", "source_medium", "campaign", "landing_page", "country",
        "started_month", "outcome",
    ] = Field(
        description="What tells them apart: a column of `core.journey_traits`, or how the journey ended: outcome."
    )  # fmt: skip
    first: str = Field(description="Value of the first group, e.g. new.")
    second: str = Field(description="Value of the group it is compared with, e.g. returning.")

    @model_validator(mode="after")
    def _groups_are_two(self) -> Comparison:
        for value in (self.first, self.second):
            _known(self.trait, value, _VALUES.get(self.trait, (value,)))
        if self.first == self.second:
            raise ValueError(f"first and second are both {self.first!r}; name two groups")
        return self


def _known(what: str, name: str, allowed: tuple[str, ...]) -> None:
    if name not in allowed:
        near = nearest_name(name, allowed)
        meant = f"; did you mean {near!r}" if near else ""
        raise ValueError(f"{name!r} is no {what} a path knows: {', '.join(allowed)}{meant}")


class Paths(Section):
    """Paths of journeys by channel, stage, group of pages and interaction.

    Without a rule that fits, the group of a page is the first part of its path: `/products/green-tea` is `/products`. A
    language before it is passed over, numbers become `:n` and ids `:id`.
    """

    collapse_repeats: bool = Field(
        True, description="Equal steps in a row count as one; the report shows which conclusions that changes."
    )
    most_steps: int = Field(
        40, ge=2, le=200, description="Steps of a kind that are told apart; the rarer ones are one together."
    )
    most_paths: int = Field(
        200, ge=10, le=100_000,
        description="Paths of a kind that are listed, those with most orders and those with most journeys lost; "
        "all others are one together.",
    )  # fmt: skip
    longest_path: int = Field(
        50, ge=5, le=1000, description="Steps of a journey that are listed and searched; what follows is (more steps)."
    )
    page_groups: tuple[PageGroup, ...] = Field((), description="Groups of pages; the first that fits counts.")
    anchors: tuple[Anchor, ...] = Field(
        (
            Anchor(path_kind="stage", step="decision"),
            Anchor(path_kind="interaction", step="add_to_cart"),
            Anchor(path_kind="interaction", step="begin_checkout"),
        ),
        description="Steps that flows are drawn from, besides the start, the order, the drop-off and the most common "
        "step of each kind.",
    )
    compare: tuple[Comparison, ...] = Field(
        (
            Comparison(trait="customer_kind", first="new", second="returning"),
            Comparison(trait="device_category", first="mobile", second="desktop"),
            Comparison(trait="outcome", first="converted", second="lost"),
        ),
        description="Groups of journeys whose paths are compared.",
    )
