"""definitions.md 5.6: one order, two clocks: months by the reporting zone, days of aggregates left alone, wrong zones named."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.hard_cases.nights import SHOP, SITE, TOWN, night_of

ADS = """
  - name: ads
    files: ["ads*"]
    currency: USD
    shapes: {spend: {starts_on: day, cost: cost, campaign: {value: spring}}}
"""
BERLIN = TOWN.replace("reporting: {zone: UTC", "reporting: {zone: Europe/Berlin").replace(
    '    files: ["shop*"]\n    zone: UTC', '    files: ["shop*"]\n    zone: Europe/Berlin'
)


def test_an_order_late_in_the_evening_and_the_ads_of_its_day(tmp_path: Path) -> None:
    """23:30 in Berlin on 31 March is 21:30 in UTC; the ads' days are those of the platform, whatever zone is reported."""
    files = {
        "shop.csv": f"{SHOP}1,2026-03-31 23:30,paid,40.00,ann@example.com,b1\n2,2026-04-01 00:30,paid,5.00,ann@example.com,b1\n",
        "site.csv": f"{SITE}e1,2026-03-31 21:20,page_view,b1,s1,,google,cpc,,https://www.example.com/,\n",
        "ads.csv": "day,cost\n2026-03-31,3.00\n2026-04-01,4.00\n",
    }
    with night_of(tmp_path, files, BERLIN + ADS) as night:
        query = night.warehouse.rows
        assert query("select order_id, strftime(ordered_at, '%d %H:%M') from core.orders order by 1") == [
            ("1", "31 21:30"),
            ("2", "31 22:30"),
        ]
        assert query(
            "select strftime(month, '%Y-%m'), orders, revenue::double from marts.monthly_totals order by 1"
        ) == [
            ("2026-03", 1, 40.0),
            ("2026-04", 1, 5.0),
        ]
        spent = "select strftime(starts_on, '%m-%d'), cost::double from core.spend order by 1"
        assert query(spent) == [("03-31", 3.0), ("04-01", 4.0)]


def twelve_orders(minutes_later: int) -> dict[str, str]:
    """Orders of as many people that the site reports so much later than the shop."""
    begin = datetime(2026, 9, 1, 10, 0)
    site, shop = SITE, SHOP
    for number in range(12):
        at = begin + timedelta(hours=7 * number)
        seen = at + timedelta(minutes=minutes_later)
        site += f"e{number},{seen:%Y-%m-%d %H:%M:%S},purchase,b{number},s{number},,google,cpc,,https://www.example.com/,{1000 + number}\n"
        shop += f"{1000 + number},{at:%Y-%m-%d %H:%M:%S},paid,40.00,p{number}@example.com,b{number}\n"
    return {"site.csv": site, "shop.csv": shop}


@pytest.mark.parametrize("minutes_later", [0, 120])
def test_touches_after_their_orders_are_kept_and_the_wrong_zone_is_named(minutes_later, tmp_path: Path) -> None:
    with night_of(tmp_path, twelve_orders(minutes_later)) as night:
        assert night.warehouse.value("select count(*) from core.touchpoints") == 12
        result = night.audit_results["exports_agree_on_the_time_of_an_order"]
        if not minutes_later:
            assert result.is_kept
            return
        assert (result.level, result.count_rows) == ("warn", 1)
        found = result.examples[0]
        assert (found["other_export"], found["export"], found["hours_later"]) == ("generic site", "generic shop", 2.0)
        assert (found["share_of_orders"], found["count_shared"]) == (1.0, 12)
        reasons = night.warehouse.rows("select distinct reason from core.untracked_orders")
        assert all(row[0] for row in reasons)


def test_rows_in_the_missing_and_in_the_repeated_hour_are_counted(tmp_path: Path) -> None:
    shop = (
        f"{SHOP}1,2026-03-29 02:30,paid,40.00,ann@example.com,b1\n2,2026-10-25 01:30,paid,1.00,ann@example.com,b1\n"
        "3,2026-10-25 02:40,paid,1.00,ann@example.com,b1\n4,2026-10-25 02:10,paid,1.00,ann@example.com,b1\n"
    )
    with night_of(tmp_path, {"shop.csv": shop}, BERLIN) as night:
        rows = night.warehouse.rows(
            "select order_id, strftime(ordered_at, '%H:%M'), time_note from core.orders order by order_id"
        )
        assert rows == [
            ("1", "01:30", "moved_out_of_missing_hour"),
            ("2", "23:30", None),
            ("3", "00:40", "in_repeated_hour_first"),
            ("4", "01:10", "in_repeated_hour_second"),
        ]
        assert night.warehouse.value("select notes from ops.files") == [
            "1 time falls in the hour that daylight saving skips; it was moved on by it",
            "2 times fall in the hour that daylight saving repeats: "
            "by the order of the rows, 1 in its first run and 1 in its second",
        ]
