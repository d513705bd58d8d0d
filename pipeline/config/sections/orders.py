"""When orders of two systems are one order, and which orders are no purchases."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from pipeline.config.sections.base import Section


class Orders(Section):
    """When orders of two systems are one order, and which orders are no purchases."""

    match_by_number: bool = Field(
        True, description="Orders of two systems that share a number are one (#1001 is 1001)."
    )
    match_by_amount: bool = Field(
        True,
        description="Orders of two systems without a shared number are one when the amounts agree, they lie minutes "
        "apart, and the buyer is the same.",
    )
    amount_tolerance: float = Field(
        0.05, ge=0, description="Amounts agree when they differ by no more than this, in the reporting currency."
    )
    amount_tolerance_share: float = Field(
        0.01,
        ge=0,
        lt=1,
        description="Or by no more than this share of the larger. Every amount an order has (goods, with tax, with "
        "shipping, with both) is compared; where a system tells one sum and no tax, set this to your tax rate.",
    )
    minutes_apart: int = Field(
        15, ge=0, le=10080, description="Minutes that may lie between two systems' times of one order."
    )
    list_suspects: bool = Field(
        True,
        description="List orders of two systems that agree in amount, day and place but not in the buyer. They are "
        "never merged.",
    )
    staff: Literal["excluded", "kept"] = Field(
        "excluded",
        description="Orders placed under a person's address at business.own_email_domains: excluded counts them in the "
        "ledger and nowhere else.",
    )
    replacement_regex: str = Field(
        r"(?i)\b(replacement|exchange|warranty|resend|ersatz(lieferung)?|umtausch|remplacement|reemplazo)\b",
        description="An order worth nothing whose name or coupon reads so, by somebody who bought before, replaces "
        "goods and is no purchase.",
    )
    replacement_days: int = Field(90, ge=1, description="How long before it that purchase may lie, in days.")
