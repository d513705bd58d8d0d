"""definitions.md 5.19: what an interface shows and no exported row stands for is stated, and added to nobody's path."""

from __future__ import annotations

from pathlib import Path

from tests.hard_cases.nights import SHOP, SITE, TOWN, credit, night_of

SETTINGS = f"""{TOWN}
  - name: report
    files: ["report*"]
    key: [channel, figure]
    shapes:
      engagement:
        platform: {{value: generic}}
        object_kind: {{value: channel group}}
        object_ref: channel
        metric: figure
        value: value
        starts_on: from
        ends_on: to
"""
ROWS = {
    "site.csv": f"{SITE}e1,2026-06-01 10:00,page_view,b1,s1,,google,cpc,,https://shop.example.com/,\n"
    "e2,2026-06-02 10:00,page_view,b1,s2,,google,cpc,,https://shop.example.com/,\n"
    # Refused consent: neither browser nor visit.
    "e3,2026-06-03 10:00,page_view,,,,google,organic,,https://shop.example.com/,\n",
    "shop.csv": f"{SHOP}1001,2026-06-10 10:00,paid,100.00,ann@example.com,b1\n",
}
REPORT = (
    "channel,figure,value,from,to\nPaid Search,Sessions,3,2026-06-01,2026-06-30\n"
    "Organic Search,Sessions,4,2026-06-01,2026-06-30\nPaid Search,Total users,2,2026-06-01,2026-06-30\n"
    "Paid Search,Purchases,2,2026-06-01,2026-06-30\nPaid Search,Total revenue,130.5,2026-06-01,2026-06-30\n"
)


def test_the_difference_is_modelled_or_untracked_and_in_no_path(tmp_path: Path) -> None:
    paths = "select count(*), count(distinct customer_id), count(session_id) from core.touchpoints"
    with night_of(tmp_path, ROWS, SETTINGS) as night:
        alone = (credit(night), night.warehouse.rows(paths))
        assert night.warehouse.rows("select * from marts.interface_gap") == []
    with night_of(tmp_path, {"report.csv": REPORT}, SETTINGS) as night:
        assert (credit(night), night.warehouse.rows(paths)) == alone
        assert night.warehouse.rows(
            "select measure, reported, exported, modelled_or_untracked from marts.interface_gap order by measure"
        ) == [
            ("purchases", 2.0, 1.0, 1.0),
            ("revenue", 130.5, 100.0, 30.5),
            ("sessions", 7.0, 2.0, 5.0),
            ("users", 2.0, 1.0, 1.0),
        ]
