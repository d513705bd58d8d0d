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


class Attribution(Section):
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
