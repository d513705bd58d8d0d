"""definitions.md 5.16: orders that no touch led to are booked, named with a reason, and never Direct."""

from __future__ import annotations

from pathlib import Path

from tests.hard_cases.nights import SHOP, SITE, credit, night_of

ORDERS = (
    f"{SHOP}1001,2026-06-10 10:00,paid,100.00,ann@example.com,b1\n"
    "1002,2026-06-11 10:00,paid,30.00,,\n1003,2026-06-12 10:00,paid,7.77,bea@example.com,b2\n"
)
VISITS = (
    f"{SITE}e1,2026-06-01 10:00,page_view,b1,s1,,google,cpc,,https://shop.example.com/,\n"
    "e2,2026-06-12 10:00,page_view,b2,s2,,,,,https://shop.example.com/,\n"
)


def test_without_any_touch_nothing_is_attributed_and_everything_is_booked(tmp_path: Path) -> None:
    with night_of(tmp_path, {"shop.csv": ORDERS, "site.csv": VISITS}) as night:
        assert credit(night) == {"Paid Search": 100.0, "Direct": 7.77, "No tracked touchpoint": 30.0}
    (tmp_path / "data" / "raw" / "site.csv").unlink()
    with night_of(tmp_path, {}) as night:
        models = night.warehouse.rows(
            """select model, channel, cast(sum(conversions) as double), cast(sum(credited_revenue) as double)
            from marts.attribution where level = 'channel' group by all order by all"""
        )
        assert len(models) == 12
        assert {row[1:] for row in models} == {("No tracked touchpoint", 3.0, 137.77)}
        assert night.warehouse.rows(
            """select step, sum(count_orders), cast(sum(amount) as double) from marts.reconciliation
            where section = 'credit' and model = 'linear' group by step order by step"""
        ) == [("identity_not_linked", -1.0, -30.0), ("net", 3.0, 137.77), ("no_touchpoint", -2.0, -107.77)]
