"""definitions.md 5.11: what staff, tests and machines do is kept and counted, and earns nothing."""

from __future__ import annotations

from pathlib import Path

from tests.hard_cases.nights import SHOP, SITE, TOWN, credit, night_of

OWN = TOWN.replace(
    "own_hosts: [shop.example.com]", "own_hosts: [shop.example.com], own_email_domains: [fernhollow.example]"
)


def test_staff_and_copies_of_the_site_earn_nothing(tmp_path: Path) -> None:
    site = (
        f"{SITE}e1,2026-09-01 10:00,page_view,b1,s1,,google,cpc,,https://shop.example.com/,\n"
        "e2,2026-09-01 11:00,page_view,b1,s2,kim@fernhollow.example,newsletter,email,,https://shop.example.com/,\n"
        "e3,2026-09-01 11:01,page_view,b1,s2,,,,,https://shop.example.com/tea,\n"
        "e4,2026-09-01 12:00,page_view,b1,s3,,teaforum.example,referral,,https://staging.shop.example.com/,\n"
        "e5,2026-09-01 12:10,page_view,b2,s4,,google,cpc,,https://shop.example.com/,\n"
    )
    shop = (
        f"{SHOP}1001,2026-09-01 13:00,paid,40.00,ann@example.com,b1\n"
        "1002,2026-09-01 13:00,test,99.00,kim@fernhollow.example,b2\n"
    )
    with night_of(tmp_path, {"site.csv": site, "shop.csv": shop}, OWN) as night:
        assert credit(night, "linear") == {"Paid Search": 40.0}
        assert night.warehouse.value("select count(*) from core.touchpoints where interaction = 'page_view'") == 5
        assert night.warehouse.value("select sum(visits) from marts.daily_totals") == 2
        left_out = night.warehouse.rows(
            "select kind, count_events, visits, count_orders, amount from marts.excluded_traffic order by all"
        )
    assert left_out == [("internal_host", 1, 1, 0, 0), ("staff", 1, 1, 0, 0), ("test", 0, 0, 1, 99)]
