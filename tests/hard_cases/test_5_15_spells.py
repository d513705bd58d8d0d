"""definitions.md 5.15: what a customer did without buying counts as not converting, whatever they bought before."""

from __future__ import annotations

from pathlib import Path

from tests.hard_cases.nights import SHOP, SITE, credit, night_of


def test_visits_after_an_order_are_a_journey_without_one(tmp_path: Path) -> None:
    visits = ["2026-03-01 10:00", "2026-03-10 10:00", "2026-03-20 10:00", "2026-04-01 10:00"]
    tags = ["google,cpc", "newsletter,email", "(direct),(none)", "google,organic"]
    site = SITE + "".join(
        f"e{n},{at},page_view,b1,s{n},,{tag},,https://shop.example.com/,\n"
        for n, (at, tag) in enumerate(zip(visits, tags, strict=True))
    )
    # Somebody else's visit long after, so that the silence is over.
    site += "e9,2026-09-01 10:00,page_view,b2,s9,,google,cpc,,https://shop.example.com/,\n"
    shop = f"{SHOP}1001,2026-03-01 10:30,paid,40.00,ann@example.com,b1\n"
    with night_of(tmp_path, {"site.csv": site, "shop.csv": shop}) as night:
        journeys = night.warehouse.rows(
            "select j.outcome, j.order_id is not null, j.count_touches from core.journeys as j "
            "join core.orders as o using (customer_id) order by journey_id"
        )
        assert journeys == [("converted", True, 1), ("lost", False, 3)]
        assert credit(night) == {"Paid Search": 40.0}
        paths = night.warehouse.rows(
            "select path, count_journeys, count_converted from marts.journey_paths "
            "where path_kind = 'channel' order by path"
        )
    assert (["Email", "Direct", "Organic Search"], 1, 0) in paths
