"""Whole nights over what the tracking misses: the meter moves by what is hidden, mended tags leave Unassigned as stated."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.warehouse import Warehouse
from tests.hard_cases.nights import SHOP, SITE, TOWN, night_of

pytestmark = pytest.mark.usefixtures("no_expectations")

RULES = f"{TOWN}channel_rules:\n"


def business(count: int, hidden: set[int]) -> dict[str, str]:
    """Return exports of a shop whose orders all have a visit, but for the hidden ones."""
    site, shop = SITE, SHOP
    for i in range(count):
        day, who, number = f"2026-{8 + i % 2:02d}-{1 + i % 28:02d}", f"p{i}@example.com", 1001 + i
        shop += f"{number},{day} 12:00,paid,{10 + i % 7}.50,{who},b{i}\n"
        if i not in hidden:
            site += f"e{i},{day} 11:50,page_view,b{i},s{i},,google,cpc,,https://shop.example.com/,\n"
            site += f"o{i},{day} 12:00,purchase,b{i},s{i},,google,cpc,,https://shop.example.com/thanks,{number}\n"
    return {"site.csv": site, "shop.csv": shop}


def meter(warehouse: Warehouse) -> dict[str, tuple[float, float, float]]:
    rows = warehouse.rows(
        "select breakdown_value, untracked_share, untracked_share_low, untracked_share_high "
        "from marts.tracking_gap where breakdown in ('all', 'month')"
    )
    return {name: values for name, *values in rows}


def booked(warehouse: Warehouse) -> list[tuple]:
    return warehouse.rows("select month, orders, revenue from marts.monthly_totals where orders > 0 order by month")


def test_hiding_three_visits_of_ten_moves_the_meter_by_thirty_points_and_no_revenue(tmp_path: Path) -> None:
    hidden = {i for i in range(200) if (i // 2) % 10 < 3}
    with night_of(
        tmp_path / "whole", business(200, set()), only=("marts.tracking_gap", "marts.monthly_totals")
    ) as night:
        before, revenue = meter(night.warehouse), booked(night.warehouse)
    with night_of(tmp_path / "hidden", business(200, hidden)) as night:
        after = meter(night.warehouse)
        assert booked(night.warehouse) == revenue
        shares = night.warehouse.rows(
            "select revenue_untracked, revenue_share between revenue_share_low and revenue_share_high "
            "from marts.tracking_gap where breakdown = 'all'"
        )
    assert {name: share for name, (share, _, _) in before.items()} == {"all": 0, "2026-08": 0, "2026-09": 0}
    for name, (share, low, high) in after.items():
        assert share - before[name][0] == pytest.approx(0.30), name
        assert low < 0.30 < high
    assert [(float(part), held) for part, held in shares] == [(sum(10.5 + i % 7 for i in hidden), True)]


#: Visits by source, medium: what no rule fits, a medium that was forgotten, and one that is spelled in two ways.
TAGGED = {
    ("partner-blog.example", "insert"): 4,
    ("bulletin", "email"): 5,
    ("bulletin", ""): 3,
    ("o'hara", "sky writing"): 2,
    ("shop.example.com", "teaser"): 2,
}


def tagged(tags: dict[tuple[str, str], int]) -> dict[str, str]:
    site, at = SITE, 0
    for (source, medium), visits in tags.items():
        for _ in range(visits):
            at += 1
            site += f"e{at},2026-09-01 {10 + at // 60}:{at % 60:02d},page_view,b{at},s{at},,{source},{medium},,https://shop.example.com/,\n"
    return {"site.csv": site}


def unassigned(warehouse: Warehouse) -> int:
    return warehouse.value("select count(*) from core.sessions where channel = 'Unassigned'")


def test_each_finding_set_right_takes_the_stated_visits_from_unassigned(tmp_path: Path) -> None:
    with night_of(tmp_path / "a", tagged(TAGGED)) as night:
        found = night.warehouse.records(
            "select tags.*, file_name from marts.campaign_tags as tags join ops.files using (file_id)"
        )
        before = unassigned(night.warehouse)
    assert before == 11
    stated = {(row["finding"], row["source"]): row for row in found if row["visits_unassigned"]}
    assert {key: row["visits_unassigned"] for key, row in stated.items()} == {
        ("no_channel_rule_fits", "partner-blog.example"): 4,
        ("no_channel_rule_fits", "bulletin"): 3,
        ("no_channel_rule_fits", "o'hara"): 2,
        ("no_channel_rule_fits", "shop.example.com"): 2,
        ("medium_missing", "bulletin"): 3,
        ("own_site_tagged", "shop.example.com"): 2,
    }
    exported = (tmp_path / "a" / "data" / "raw" / "site.csv").read_text(encoding="utf-8").splitlines()
    for row in found:
        assert row["file_name"] == "site.csv"
        assert exported[row["line_number"] - 1].split(",")[6:8] == [row["source"], row["medium"]]
    # Each rule alone, as it stands on the page.
    for key, row in stated.items():
        if row["rule"]:
            with night_of(tmp_path / "a", {}, f"{RULES}{row['rule']}\n", only=("core.sessions",)) as night:
                assert before - unassigned(night.warehouse) == row["visits_unassigned"], key
    # The links mended: the medium that was meant, and no tag on links within the site.
    mended = {("bulletin", ""): ("bulletin", stated["medium_missing", "bulletin"]["meant"])}
    for old, new in (*mended.items(), (("shop.example.com", "teaser"), ("", ""))):
        tags = [(new if key == old else key, visits) for key, visits in TAGGED.items()]
        site = SITE + "".join(tagged({key: visits})["site.csv"].removeprefix(SITE) for key, visits in tags)
        with night_of(tmp_path / "a", {"site.csv": renumbered(site)}, only=("core.sessions",)) as night:
            assert before - unassigned(night.warehouse) == TAGGED[old], old


def renumbered(site: str) -> str:
    """Give every visit its own event, browser, visit and minute."""
    head, *lines = site.splitlines()
    for at, line in enumerate(lines, 1):
        rest = line.split(",")[5:]
        lines[at - 1] = ",".join([f"e{at}", f"2026-09-01 10:{at:02d}", "page_view", f"b{at}", f"s{at}", *rest])
    return "\n".join([head, *lines]) + "\n"
