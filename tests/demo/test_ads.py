"""The simulated platforms: what they export is what the truth says, and they claim some orders twice."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from pathlib import Path

from tests.demo.reading import table, truth


def test_exports_hold_what_the_truth_says(shop: Path) -> None:
    spent: Counter[str] = Counter()
    for row in table(shop, "AdNorth campaign*.csv"):
        spent["AdNorth"] += Decimal(row["Cost"])
        spent["AdNorth claims"] += Decimal(row["Conversions"])
        spent["AdNorth value"] += Decimal(row["Conversion value"])
    for row in table(shop, "circle*.csv"):
        spent["Circle"] += Decimal(row["Amount spent (USD)"])
        spent["Circle claims"] += Decimal(row["Results"] or 0)
        spent["Circle value"] += Decimal(row["Results value"] or 0)
    told: Counter[str] = Counter()
    for row in truth(shop, "spend"):
        told[row["platform"]] += row["cost"]
    for row in truth(shop, "claims"):
        told[f"{row['platform']} claims"] += 1
        told[f"{row['platform']} value"] += row["value"]
    assert spent == told
    assert all(told.values())


def test_an_order_is_claimed_once_by_a_platform_and_some_by_both(shop: Path) -> None:
    claims = Counter((row["platform"], row["order_id"]) for row in truth(shop, "claims"))
    assert set(claims.values()) == {1}
    platforms = Counter(order for _, order in claims)
    assert 2 in platforms.values()


def test_only_real_web_orders_are_claimed_and_clicks_came_before_them(shop: Path) -> None:
    orders = {row["order_id"]: row for row in truth(shop, "orders")}
    blocked = {row["person_id"] for row in truth(shop, "people") if row["blocks_analytics"]}
    paid = {
        (touch["person_id"], touch["channel"])
        for touch in truth(shop, "touches")
        if touch["channel"] in ("Paid Search", "Display", "Paid Social")
    }
    for claim in truth(shop, "claims"):
        order = orders[claim["order_id"]]
        assert order["is_real"]
        assert order["sale_channel"] != "store"
        assert claim["person_id"] == order["person_id"]
        assert claim["person_id"] not in blocked
        assert claim["claimed_on"] <= order["ordered_at"].date()
        own = ("Paid Social",) if claim["platform"] == "Circle" else ("Paid Search", "Display")
        assert claim["is_view"] or any((claim["person_id"], channel) in paid for channel in own)


def test_a_campaign_that_nobody_came_by_costs_money(shop: Path) -> None:
    spent = [row for row in truth(shop, "spend") if row["campaign"] == "Story Test"]
    assert sum(row["cost"] for row in spent) > 0
    assert "Story Test" not in {touch["campaign"] for touch in truth(shop, "touches")}
