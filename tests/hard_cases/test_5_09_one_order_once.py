"""definitions.md 5.9: the same order in Google Analytics, the shop and the till is one order."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.night import Night
from tests.hard_cases.nights import night_of

#: Three systems: the site tells goods, the shop and the till tell tax as well; only the shop's number is the site's.
THREE = """
reporting: {zone: UTC, currency: USD}
business: {own_hosts: [shop.example.com]}
money: {order_priority: [shop, till, site], details_priority: [site, shop, till]}
generic:
""" + "".join(
    f"""
  - name: {name}
    system: {name}
    files: ["{name}*"]
    zone: UTC
    currency: USD
    key: [number]
    shapes:
      orders:
        order_ref: number
        alt_order_refs: {{sql: "{numbers}"}}
        ordered_at: at
        gross: goods
        tax: tax
        email: email
        sale_channel: where
        location_ref: store
        coupon: coupon
"""
    for name, numbers in (("site", "[number]"), ("shop", "[number]"), ("till", "[]::varchar[]"))
)
HEADER = "number,at,goods,tax,email,where,store,coupon\n"
FILES = {
    "site.csv": HEADER
    # Goods without tax.
    + "1001,2026-09-01 10:00:00,50.00,0,ann@example.com,web,,TEA10\n"
    # No number of the shop's: a shop that lost it.
    + "nn-7,2026-09-02 12:00:00,30.00,0,bea@example.com,web,,\n",
    "shop.csv": HEADER
    + "#1001,2026-09-01 10:00:05,50.00,4.00,ann@example.com,other,,\n"
    + "1002,2026-09-02 12:00:40,30.00,2.40,bea@example.com,web,,\n"
    # Placed online, and collected in the store the minute after: the till rings it up anew.
    + "1003,2026-09-03 15:00:00,20.00,1.60,cleo@example.com,web,,\n",
    "till.csv": HEADER
    + "T1,2026-09-01 10:03:05,54.00,0,ann@example.com,store,Main St,\n"
    + "T3,2026-09-03 15:01:00,21.60,0,cleo@example.com,store,Main St,\n"
    # Two coffees, two minutes apart, of one regular.
    + "T4,2026-09-04 08:00:00,3.50,0,dan@example.com,store,Main St,\n"
    + "T5,2026-09-04 08:02:00,3.50,0,dan@example.com,store,Main St,\n"
    # As much as order 1003, at the same place on another day; and as much as 1002 on its day, by nobody known.
    + "T6,2026-09-05 15:01:00,21.60,0,,store,Main St,\n"
    + "T7,2026-09-02 18:00:00,32.40,0,,web,,\n",
}


def books(night: Night) -> list[tuple[object, ...]]:
    return night.warehouse.rows(
        """select list_sort(source_systems), source_system, cast(revenue as double) from core.orders
        where is_conversion order by counted_until_at, order_id"""
    )


def test_the_same_order_in_three_systems_is_one(tmp_path: Path) -> None:
    with night_of(tmp_path, FILES, THREE) as night:
        assert books(night) == [
            (["shop", "site", "till"], "shop", 50.0),
            (["shop", "site"], "shop", 30.0),
            (["till"], "till", 32.4),
            (["shop", "till"], "shop", 20.0),
            (["till"], "till", 3.5),
            (["till"], "till", 3.5),
            (["till"], "till", 21.6),
        ]
        # Money from the shop; where and with which coupon from the site; the store from the till.
        assert night.warehouse.rows(
            "select sale_channel, coupon, location_ref from core.orders where order_id = '1001'"
        ) == [("web", "TEA10", "Main St")]
        pairs = night.warehouse.rows(
            """select tier, order_ref, other_order_ref, is_merged, line_number, other_line_number
            from core.order_pairs order by tier, order_ref"""
        )
        assert pairs == [
            (1, "#1001", "1001", True, 2, 2),
            (2, "#1001", "T1", True, 2, 2),
            (2, "1002", "nn-7", True, 3, 3),
            (2, "1003", "T3", True, 4, 3),
            (3, "1002", "T7", False, 3, 7),
        ]


def test_every_tier_moves_what_it_should_when_it_is_switched_off(tmp_path: Path) -> None:
    with night_of(
        tmp_path, FILES, f"{THREE}\norders: {{match_by_amount: false}}\n", only=("core.order_pairs", "core.orders")
    ) as night:
        # Three receipts and one purchase of the site stand alone again.
        assert len(books(night)) == 7 + 3
        assert sum(float(str(row[2])) for row in books(night)) == pytest.approx(161.0 + 54 + 30 + 21.6)
        assert night.warehouse.rows("select count(*) from core.order_pairs where tier = 2") == [(0,)]
    settings = f"{THREE}\norders: {{match_by_amount: false, match_by_number: false, list_suspects: false}}\n"
    with night_of(tmp_path, FILES, settings, only=("core.order_pairs", "core.orders")) as night:
        assert len(books(night)) == 7 + 4
        assert night.warehouse.rows("select count(*) from core.order_pairs") == [(0,)]
