"""Whole nights over a few lines of invented exports: a site's visits, a shop's orders and refunds, a till's receipts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from pipeline.night import Night
from pipeline.run import run
from tests.projects import write_project

#: Everything is in UTC and US dollars, so that what a case says is what the tables hold.
TOWN = """
reporting: {zone: UTC, currency: USD}
business: {own_hosts: [shop.example.com]}
generic:
  - name: site
    files: ["site*"]
    zone: UTC
    key: [event]
    shapes:
      events:
        occurred_at: at
        interaction: what
        client_id: browser
        session_key: session
        email: email
        source: source
        medium: medium
        campaign: campaign
        page_url: page
        order_ref: order
  - name: shop
    files: ["shop*"]
    zone: UTC
    currency: USD
    key: [order]
    shapes:
      orders:
        order_ref: order
        alt_order_refs: {sql: "[\\"order\\"]"}
        ordered_at: at
        status: status
        gross: amount
        email: email
        client_id: browser
        sale_channel: {value: web}
  - name: refunds
    files: ["refunds*"]
    zone: UTC
    currency: USD
    key: [refund]
    shapes:
      refunds:
        refund_ref: refund
        order_ref: order
        refunded_at: at
        amount: amount
"""
SITE = "event,at,what,browser,session,email,source,medium,campaign,page,order\n"
SHOP = "order,at,status,amount,email,browser\n"
REFUNDS = "refund,order,at,amount\n"


@contextmanager
def night_of(
    root: Path, files: Mapping[str, str | bytes], settings: str = TOWN, *, only: Sequence[str] = ()
) -> Iterator[Night]:
    """Run a night over `files`, which stay beside those of earlier calls, and hand it over still open.

    With `only`, the night ends with these tables and what they need: nothing is checked or published.
    """
    with Night.open(write_project(root, files, settings)) as night:
        outcome = run(night, only)
        assert outcome.is_published == (not only)
        yield night


def credit(night: Night, model: str = "last_non_direct") -> dict[str, float]:
    """Return the revenue that each channel is credited with."""
    return {
        channel: float(revenue)
        for channel, revenue in night.warehouse.rows(
            "select channel, sum(credited_revenue) from marts.attribution "
            "where level = 'channel' and model = $1 group by channel having sum(credited_revenue) <> 0",
            [model],
        )
    }
