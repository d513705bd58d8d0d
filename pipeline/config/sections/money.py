"""What counts as revenue, and which system it is taken from."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from pipeline.config.sections.base import Section


class Money(Section):
    """What counts as revenue and how it is converted."""

    revenue_includes_tax: bool = Field(False, description="Count tax as revenue.")
    revenue_includes_shipping: bool = Field(False, description="Count shipping as revenue.")
    rates_file: str | None = Field(None, description="CSV with day,currency,rate: units of reporting currency for one.")
    order_priority: tuple[str, ...] = Field(
        ("square", "hubspot", "generic", "ga4"),
        description="Which system's money stands when several have the same order; the first wins.",
    )
    details_priority: tuple[str, ...] = Field(
        ("ga4", "generic", "hubspot", "square"),
        description="Which system says where such an order was made and with which coupon; the first that says it.",
    )
    product_costs_file: str | None = Field(
        None,
        description="CSV with product,unit_cost (and from_day if costs changed): SKU or name, cost in the reporting "
        "currency.",
    )
    margin_share: float | None = Field(
        None,
        gt=0,
        le=1,
        description="Of one unit of revenue, what is left when the goods are paid for; for goods that no file gives a "
        "cost. Default: their cost is unknown, and said to be.",
    )
    break_even_roas: float | None = Field(
        None,
        gt=0,
        description="Revenue that one unit of spend must bring to be worth it, where product costs are not known.",
    )
    claim_days: int = Field(
        30,
        ge=0,
        le=365,
        description="Days after a click or a view in which advertising platforms still claim an order: the longest "
        "window of those exported. A platform may date a claim by its click; 0 when all date it by the order.",
    )
    gift_cards: Literal["revenue", "liability"] = Field(
        "revenue",
        description="What the sale of a gift card is: revenue, or a liability that is taken out of revenue. Paying "
        "with one is a way to pay in either case, and no discount.",
    )
    gift_card_regex: str = Field(
        r"(?i)\b(e-?)?gift[ -]?(card|voucher|certificate)s?\b|geschenk(karte|gutschein)|\bgutschein\b|carte[ -]cadeau"
        r"|tarjeta[ -]regalo",
        description="Lines of an order whose product, name or category reads so are gift cards.",
    )
