"""How exposures are compared, and which experiments were run."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from pipeline.config.sections.base import Section


class Effects(Section):
    """How those who were exposed to something are compared with others."""

    window_days: int = Field(
        7, ge=1, le=90, description="Days after an exposure in which an order counts, and days before it in which "
        "nothing may differ yet."
    )  # fmt: skip
    experiment_days: int = Field(
        14, ge=1, le=365, description="Days after the first exposure to an experiment that count where it sets none."
    )


class Experiment(Section):
    """An experiment, or a hold-out: people sorted into arms by chance."""

    control: str | None = Field(
        None,
        description="Arm that the others are compared with; default: the one named control, hold-out or the like, "
        "else the first by name.",
    )
    split: dict[str, float] = Field({}, description="Arm -> its expected part of the people; default: equal parts.")
    window_days: int | None = Field(
        None, ge=1, le=365, description="Days after the first exposure that count; default: effects.experiment_days."
    )
    metric: Literal["conversion", "revenue"] = Field(
        "conversion", description="What the experiment is judged by: people with an order, or revenue per person."
    )
    channel: str | None = Field(
        None, description="Channel that the control is kept from: the experiment is its hold-out, and its evidence."
    )

    @model_validator(mode="after")
    def _split_fits(self) -> Experiment:
        if any(part <= 0 for part in self.split.values()) or len(self.split) == 1:
            raise ValueError(
                f"split is {self.split}: name two arms or more with parts above 0, "
                "for example {held out: 10, letter: 90}"
            )
        if self.split and self.control is not None and self.control not in self.split:
            raise ValueError(f"control is {self.control!r}, which is no arm of split ({', '.join(self.split)})")
        return self


def experiment_rows(experiments: dict[str, Experiment]) -> list[dict[str, object]]:
    """Return the rows of `config.experiments`, one a declared experiment."""
    return [
        {
            "experiment": name.strip(), "control": given.control, "window_days": given.window_days,
            "metric": given.metric, "channel": given.channel,
        }
        for name, given in experiments.items()
    ]  # fmt: skip


def arm_rows(experiments: dict[str, Experiment]) -> list[dict[str, object]]:
    """Return the rows of `config.experiment_arms`, one an arm with an expected part."""
    return [
        {"experiment": name.strip(), "variant": arm.strip(), "expected_share": part / sum(given.split.values())}
        for name, given in experiments.items()
        for arm, part in given.split.items()
    ]
