"""How exposures are compared, and which experiments were run."""

from __future__ import annotations

from pydantic import Field

from pipeline.config.sections.base import Section


class Effects(Section):
    """How those who were exposed to something are compared with others."""

    window_days: int = Field(
        7, ge=1, le=90, description="Days after an exposure in which an order counts, and days before it in which "
        "nothing may differ yet."
    )  # fmt: skip
