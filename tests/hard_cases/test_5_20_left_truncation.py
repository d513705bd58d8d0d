"""definitions.md 5.20: where the exports begin, an earlier first touch may be missing."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from pipeline.night import Night
from tests.hard_cases.nights import SHOP, SITE, night_of

START, DROPPED = datetime(2026, 1, 1, 12), 60
FIRSTS = ("google,cpc", "newsletter,email", "teaforum.example,referral", "google,organic")


def _files(since: int) -> dict[str, str]:
    """Return three touches and an order for each of 40 buyers over 120 days, without the visits before a day."""
    site, shop = SITE, SHOP
    for buyer in range(40):
        begins = 3 * buyer
        for place, tag in enumerate((FIRSTS[buyer % 4], "(direct),(none)", "newsletter,email")):
            day = begins + 9 * place
            at = START + timedelta(days=day)
            if day >= since:
                site += (
                    f"e{buyer}-{place},{at},page_view,b{buyer},s{buyer}-{place},,{tag},,https://shop.example.com/,\n"
                )
        ordered = START + timedelta(days=begins + 20)
        shop += f"{1000 + buyer},{ordered},paid,10.00,p{buyer}@example.com,b{buyer}\n"
    return {"site.csv": site, "shop.csv": shop}


def _firsts(night: Night) -> dict[str, str]:
    return dict(night.warehouse.rows("select order_id, channel from core.credited_touches where credit_index = 1"))


def test_dropping_the_first_sixty_days_changes_flagged_orders_only(tmp_path: Path) -> None:
    with night_of(tmp_path / "whole", _files(0), only=("core.credited_touches",)) as night:
        whole = _firsts(night)
    with night_of(tmp_path / "cut", _files(DROPPED)) as night:
        cut = _firsts(night)
        flagged = {order for (order,) in night.warehouse.rows("select order_id from core.truncated_orders")}
        shown = night.warehouse.rows(
            "select sum(count_orders), sum(count_truncated), sum(revenue), sum(whole_share) from marts.first_touch"
        )
        journeys = night.warehouse.value("select count(*) from core.journeys where is_truncated")
        reasons = night.warehouse.rows("select distinct reason from core.untracked_orders")
    changed = {order for order in whole if cut.get(order) != whole[order]}
    assert changed
    assert changed <= flagged
    assert len(flagged) < len(whole)
    assert shown == [(40, len(flagged), 400, 1.0)]
    assert journeys == len(flagged)
    assert reasons == [("data_begins_too_late",)]
