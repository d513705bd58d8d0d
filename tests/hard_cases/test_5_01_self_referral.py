"""definitions.md 5.1: the business's own hosts bring nobody."""

from __future__ import annotations

from pathlib import Path

from tests.hard_cases.nights import SHOP, SITE, credit, night_of

ORDER = f"{SHOP}1001,2026-09-01 10:30,paid,40.00,ann@example.com,b1\n"


def test_a_visit_from_an_own_host_inherits_the_source_before_it(tmp_path: Path) -> None:
    site = (
        f"{SITE}e1,2026-09-01 10:00,page_view,b1,s1,,google,cpc,,https://www.example.com/,\n"
        "e2,2026-09-01 10:10,page_view,b1,s2,,shop.example.com,referral,,https://shop.example.com/cart,\n"
        "e3,2026-09-01 10:30,purchase,b1,s2,,shop.example.com,referral,,https://shop.example.com/thanks,1001\n"
    )
    with night_of(tmp_path, {"site.csv": site, "shop.csv": ORDER}) as night:
        assert credit(night) == {"Paid Search": 40.0}


def test_a_journey_of_own_hosts_alone_is_direct(tmp_path: Path) -> None:
    site = (
        f"{SITE}e1,2026-09-01 10:10,page_view,b1,s2,,shop.example.com,referral,,https://shop.example.com/cart,\n"
        "e2,2026-09-01 10:30,purchase,b1,s2,,shop.example.com,referral,,https://shop.example.com/thanks,1001\n"
    )
    with night_of(tmp_path, {"site.csv": site, "shop.csv": ORDER}) as night:
        assert credit(night) == {"Direct": 40.0}
        assert night.warehouse.rows("select distinct silent_kind from core.sessions") == [("own",)]
