"""Funnels: which steps they have, who is counted in them, and what takes somebody out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field, model_validator

from pipeline.config.sections.base import Section
from pipeline.errors import nearest_name

#: Columns of `core.touchpoints` by which funnels can be broken down, and that can be held constant.
COLUMNS = (
    "channel", "source", "medium", "campaign", "content", "term", "interaction", "event_name", "source_system",
    "page_path", "product_ref", "device_category", "country", "region", "location_ref", "agent_ref", "experiment",
    "variant",
)  # fmt: skip
#: Columns of `core.journey_traits`: what is known of the journey within which somebody enters a funnel.
TRAITS = ("first_channel", "source_medium", "landing_page", "customer_kind")
MOST_STEPS = 20
_TESTS = ("interaction", "page_regex", "stage", "sql")

Stage = Literal["awareness", "consideration", "decision", "purchase", "retention"]


def _meant(received: str, allowed: tuple[str, ...]) -> str:
    near = nearest_name(received, allowed)
    return f"Allowed: {', '.join(allowed)}" + (f". Did you mean {near!r}?" if near else "")


class Match(Section):
    """Which events are meant, by one of four tests."""

    interaction: str | tuple[str, ...] | None = Field(None, description="Interaction, or a list of them.")
    page_regex: str | None = Field(None, description="The whole path of the page fits this, e.g. /product/.*")
    stage: Stage | None = Field(None, description="Stage that the event is evidence of.")
    sql: str | None = Field(
        None, description="A DuckDB condition over the columns of core.touchpoints; a row it fails on does not fit."
    )

    @model_validator(mode="after")
    def _one_test(self) -> Match:
        given = [name for name in _TESTS if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(
                f"it takes one of {', '.join(_TESTS)}; given: {', '.join(given) or 'none'}. "
                "Write for example: interaction: add_to_cart"
            )
        if self.interaction is not None and not self.interactions:
            raise ValueError("the list of interactions is empty; write for example: interaction: add_to_cart")
        return self

    @property
    def interactions(self) -> tuple[str, ...]:
        """Interactions that fit; empty when another test is given."""
        return (self.interaction,) if isinstance(self.interaction, str) else self.interaction or ()


class Step(Match):
    """One step of a funnel."""

    name: str = Field(min_length=1, max_length=60, description="Name of the step.")
    optional: bool = Field(False, description="The step is left out, and said to be, while nothing in the data fits.")


class Exclusion(Match):
    """What takes somebody out when it happens between two steps."""

    after: str | None = Field(None, description="Step from which on it counts; default: the first.")
    before: str | None = Field(None, description="Step until which it counts; default: the last.")
    how: Literal["cut", "remove"] = Field(
        "cut",
        description="cut: they count up to the step reached before (as in Mixpanel). remove: they leave the whole "
        "funnel (as in PostHog).",
    )


class Breakdown(Section):
    """An attribute by which a funnel is broken down."""

    column: str = Field(
        description=f"Column of core.touchpoints ({', '.join(COLUMNS)}), "
        f"or of core.journey_traits ({', '.join(TRAITS)})."
    )
    value_of: str = Field(
        "first",
        description="Whose value stands for an entry: first (the step it begins with, (not known) where that has none; "
        "what a later step says is not taken, as only those who get there have it), last (the latest step done that "
        "has one), all (the same at every step, else apart), or the name of a step. Traits are of the journey within "
        "which it began.",
    )
    compare: tuple[str, str] | None = Field(None, description="Two values that are set against each other.")

    @model_validator(mode="after")
    def _known(self) -> Breakdown:
        if self.column not in (*COLUMNS, *TRAITS):
            raise ValueError(f"there is no such column to break down by. {_meant(self.column, (*COLUMNS, *TRAITS))}")
        if self.column in TRAITS and self.value_of != "first":
            raise ValueError(f"{self.column} is a trait of the whole journey; leave value_of out")
        if self.compare is not None and self.compare[0] == self.compare[1]:
            raise ValueError(f"compare needs two different values; both are {self.compare[0]!r}")
        return self


class Funnel(Section):
    """Steps on a way, and who gets how far on it."""

    name: str = Field(min_length=1, max_length=80, description="Name of the funnel.")
    steps: tuple[Step, ...] = Field(min_length=2, max_length=MOST_STEPS, description="Steps, in order; 2 to 20.")
    mode: Literal["loose", "strict", "any"] = Field(
        "loose",
        description="loose: in this order, other events may lie between. strict: nothing lies between. any: any order.",
    )
    window_days: float = Field(28, gt=0, le=3660, description="Days from the first step within which the others count.")
    step_max_gap_days: float | None = Field(None, gt=0, description="Most days from one step to the next.")
    exclude: tuple[Exclusion, ...] = Field((), max_length=20, description="What takes somebody out between steps.")
    hold_constant: tuple[str, ...] = Field(
        (), max_length=3, description="Columns whose values at the first step all later ones must have; up to 3."
    )
    count: Literal["people", "entries", "sessions"] = Field(
        "people", description="What is counted: each person once, each entry of theirs, or each visit once."
    )
    attempt: Literal["longest_then_earliest", "first", "all"] = Field(
        "longest_then_earliest",
        description="Which entry counts where there are several: the one that gets furthest, the earliest of equal "
        "ones; the first; or all, overlapping ones too (of people and visits: the furthest).",
    )
    entry: Literal["closed", "open"] = Field(
        "closed", description="closed: all begin at the first step. open: at any step."
    )
    grace_seconds: float = Field(
        1, ge=0, le=3600, description="Seconds by which a step may be earlier than the one before and still follow it."
    )
    breakdown: tuple[Breakdown, ...] = Field(
        (Breakdown(column="channel"), Breakdown(column="device_category")),
        max_length=8,
        description="Attributes to break down by.",
    )

    @model_validator(mode="after")
    def _names_fit(self) -> Funnel:
        names = tuple(step.name for step in self.steps)
        if len({*names}) < len(names):
            twice = sorted({name for name in names if names.count(name) > 1})
            raise ValueError(f"steps need different names; given twice: {', '.join(twice)}")
        for column in self.hold_constant:
            if column not in COLUMNS:
                raise ValueError(f"hold_constant names {column!r}, which is no such column. {_meant(column, COLUMNS)}")
        for where, name in self._steps_named():
            if name not in names:
                raise ValueError(f"{where} names {name!r}, which is no step of it. {_meant(name, names)}")
        for number, exclusion in enumerate(self.exclude):
            first, last = self.between(exclusion)
            if first >= last:
                raise ValueError(
                    f"exclude.{number} goes from {names[first - 1]!r} to {names[last - 1]!r}, "
                    "which does not lie behind it; nothing can lie between"
                )
        if self.step_max_gap_days is not None and self.step_max_gap_days > self.window_days:
            raise ValueError(
                f"step_max_gap_days is {self.step_max_gap_days:g}, more than window_days ({self.window_days:g}), "
                "within which all steps must lie: no step could be too late; lower it or leave it out"
            )
        for number, breakdown in enumerate(self.breakdown):
            if breakdown.column in TRAITS and self.count == "sessions":
                raise ValueError(
                    f"breakdown.{number} asks for {breakdown.column}, which journeys of people have and visits have "
                    f"not. Count people or entries, or break down by one of: {', '.join(COLUMNS)}"
                )
        said = [(b.column, b.value_of) for b in self.breakdown]
        if len({*said}) < len(said):
            raise ValueError("breakdown names the same column twice with the same value_of")
        return self

    def _steps_named(self) -> Iterator[tuple[str, str]]:
        for number, exclusion in enumerate(self.exclude):
            yield from ((f"exclude.{number}", name) for name in (exclusion.after, exclusion.before) if name is not None)
        for number, breakdown in enumerate(self.breakdown):
            if breakdown.value_of not in ("first", "last", "all"):
                yield f"breakdown.{number}.value_of", breakdown.value_of

    def between(self, exclusion: Exclusion) -> tuple[int, int]:
        """Return the places of the steps between which an exclusion counts; 1 is the first step."""
        places = {step.name: place for place, step in enumerate(self.steps, 1)}
        first = 1 if exclusion.after is None else places[exclusion.after]
        return first, len(self.steps) if exclusion.before is None else places[exclusion.before]


def _shipped(name: str, steps: tuple[tuple[str, dict[str, object]], ...]) -> Funnel:
    return Funnel(
        name=name, steps=tuple(Step.model_validate({"name": step, "optional": True} | by) for step, by in steps)
    )


#: What is shown where journeys.yaml declares no funnel.
SHIPPED = (
    _shipped(
        "The five stages",
        tuple((name, {"stage": name}) for name in ("awareness", "consideration", "decision", "purchase", "retention")),
    ),
    _shipped(
        "From view to purchase",
        (
            ("view", {"interaction": "product_view"}),
            ("cart", {"interaction": "add_to_cart"}),
            ("checkout", {"interaction": "begin_checkout"}),
            ("payment", {"interaction": "add_payment_info"}),
            ("purchase", {"interaction": ("purchase", "store_purchase")}),
        ),
    ),
)
