"""Where a journey begins and ends, and how its credit is shared."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from pipeline.config.sections.base import Section


class Journeys(Section):
    """Where a journey begins and ends."""

    lookback_days: int = Field(90, ge=1, description="Days before a repeat order in which a touch counts.")
    first_order_lookback_days: int = Field(30, ge=1, description="Days before a first order in which a touch counts.")
    idle_days: int | None = Field(
        None, ge=1, description="Days of silence after which a journey is lost; default: the look-back that applies."
    )
    source_priority: tuple[str, ...] = Field(
        ("ga4", "hubspot", "mailchimp", "square"),
        description="Systems in the order in which touches of the same time and stage are taken to have happened.",
    )
    main_sources: tuple[str, ...] = Field(
        (),
        description="Systems that must cover a look-back whole; default: those that see a tenth of all touches.",
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


class DropOff(Section):
    """When somebody has stopped on the way to an order, and how long they may take to buy after all."""

    pause_hours: int = Field(
        24,
        ge=1,
        le=120,
        description="Hours without a touch after which an attempt to buy is over; a later touch begins another.",
    )
    next_days: int = Field(
        7, ge=1, le=90, description="Days after stopping in which the next thing done is looked for."
    )
    recovery_days: Literal[7, 30, 90] = Field(
        30, description="Days in which a purchase after stopping counts as recovered, where revenue lost is worked out."
    )


#: Vendor -> what it gives the last of two touches in J, and its half-life of time decay in days; None: a quarter of
#: the look-back.
PRESETS: dict[str, tuple[float, float | None]] = {
    "adobe": (0.75, 7.0),
    "mixpanel": (0.75, 7.0),
    "amplitude": (0.70, 7.0),
    "posthog": (0.75, None),
}


class Attribution(Section):
    """Settings of the credit models."""

    preset: Literal["adobe", "mixpanel", "amplitude", "posthog"] = Field(
        "adobe", description="Vendor whose numbers stand where j_last_of_two or half_life_days is not set."
    )
    half_life_days: float | None = Field(
        None,
        gt=0,
        le=3660,
        description="Age at which time decay halves a touch's weight; default: 7 days, or with posthog a quarter of "
        "lookback_days.",
    )
    position_first: float = Field(0.4, ge=0, le=1, description="Share of the first touch in the position model.")
    position_last: float = Field(0.4, ge=0, le=1, description="Share of the last touch in the position model.")
    j_last_of_two: float | None = Field(
        None, ge=0, le=1, description="J: share of the last of two touches; default: 0.75, with amplitude 0.7."
    )
    custom_weights: tuple[float, float, float] | None = Field(
        None,
        description="Model custom: weights of the first touch, all those between, and the last; "
        "what is missing in a journey is shared by the rest. Default: no such model.",
    )
    exclude_direct: bool = Field(
        False, description="Direct earns nothing, unless every touch of the journey is Direct; how often is printed."
    )
    paid_channels: list[str] = Field(
        [
            "Paid Search",
            "Paid Social",
            "Paid Shopping",
            "Paid Video",
            "Paid Other",
            "Display",
            "Cross-network",
            "Affiliates",
        ],
        description="Channels that the model last_paid gives all credit to; without one it is last_non_direct.",
    )
    markov_order: int | None = Field(
        None, ge=1, le=4, description="Channels that the Markov chain remembers; default: what foretells held-out best."
    )
    markov_most_order: int = Field(3, ge=1, le=4, description="Highest order that is compared when none is set.")
    collapse_repeats: bool = Field(
        True, description="Markov from order 2 on: equal channels in a row count as one. At order 1 it changes nothing."
    )
    shapley_prior: float = Field(
        30,
        ge=0,
        description="Journeys, as successful as its channels let expect, added to a set of channels before its rate.",
    )
    most_channels: int = Field(
        16, ge=2, le=60, description="Channels told apart by Markov and Shapley; the smallest beyond are one together."
    )
    interval_draws: int = Field(500, ge=100, le=10_000, description="Draws of people behind the intervals of credit.")
    agree_within: float = Field(
        0.25, gt=0, lt=1, description="Models agree on a channel when all lie this near to their mean, in parts of it,"
        " with certainty."
    )  # fmt: skip
    agree_within_share: float = Field(
        0.01, gt=0, lt=1, description="Models agree as well when they lie this near in shares of all credited orders."
    )
    default_model: Literal[
        "first", "last", "last_non_direct", "last_paid", "linear", "position", "j_shaped", "inverse_j", "time_decay",
        "custom", "shapley_simple", "markov_order", "shapley_order",
    ] = Field(
        "last_non_direct", description="Model behind orders and revenue where a page shows only one."
    )  # fmt: skip

    @model_validator(mode="after")
    def _shares_fit(self) -> Attribution:
        if self.position_first + self.position_last > 1:
            raise ValueError("position_first and position_last add up to more than 1")
        if self.custom_weights is not None and (min(self.custom_weights) < 0 or sum(self.custom_weights) <= 0):
            raise ValueError(
                f"custom_weights are {list(self.custom_weights)}: none may be below 0, and one must be above; "
                "write for example [0.5, 0.2, 0.3]"
            )
        if self.default_model == "custom" and self.custom_weights is None:
            raise ValueError(
                "default_model is custom, but custom_weights are not set; write for example [0.5, 0.2, 0.3]"
            )
        return self

    def last_of_two(self) -> float:
        """Share of the last of two touches in J."""
        return PRESETS[self.preset][0] if self.j_last_of_two is None else self.j_last_of_two

    def half_life(self, lookback_days: int) -> float:
        """Half-life of time decay in days."""
        return self.half_life_days or PRESETS[self.preset][1] or lookback_days / 4
