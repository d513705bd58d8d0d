"""definitions.md 5.14: wherever the data is cut, what was final before the cut does not change when it goes on."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tests.hard_cases.nights import SHOP, SITE, TOWN, night_of

#: A visitor a day for four months; every third one buys two days later.
BEGIN = datetime(2026, 3, 1, 10)
DAYS = 122
CUT = datetime(2026, 5, 20)
#: Day of the last row before the cut; it had not ended.
LAST_DAY = CUT - timedelta(days=1)
SETTINGS = TOWN + "journeys: {lookback_days: 30, first_order_lookback_days: 30}\n"


def exports(until: datetime) -> dict[str, str]:
    site, shop = [SITE], [SHOP]
    for number in range(DAYS):
        seen, bought = BEGIN + timedelta(days=number), BEGIN + timedelta(days=number + 2, minutes=30)
        if seen < until:
            site.append(f"e{number},{seen:%Y-%m-%d %H:%M},product_view,b{number},s{number},,google,cpc,,https://shop.example.com/,\n")  # fmt: skip
        if number % 3 == 0 and bought < until:
            shop.append(f"{1000 + number},{bought:%Y-%m-%d %H:%M},paid,{10 + number}.00,,b{number}\n")
    return {"site.csv": "".join(site), "shop.csv": "".join(shop)}


def final_cells(root: Path, until: datetime, closed: str) -> dict[str, list[tuple[Any, ...]]]:
    """Return what a night says of months and journeys that were final when the data was cut."""
    with night_of(root, exports(until), SETTINGS) as night:
        query = night.warehouse.rows
        return {
            "months": query(f"select * from marts.monthly_totals where month < date '{closed}' order by month"),
            "days": query(f"select * from marts.daily_totals where day < date '{LAST_DAY:%Y-%m-%d}' order by day"),
            "credit": query(f"select * from marts.attribution where month < date '{closed}' order by all"),
            "journeys": query(
                "select started_at, ended_at, outcome, revenue, count_touches from core.journeys "
                "where ended_at < $1 order by all", [LAST_DAY - timedelta(days=30)],
            ),
            "stages": query(
                "select breakdown_value, stage, count_people, count_open, step_rate from marts.stage_conversion "
                "where breakdown = 'month' and breakdown_value < '2026-04' order by all"
            ),
        }  # fmt: skip


def test_completed_cells_do_not_change_after_the_cut(tmp_path: Path) -> None:
    cut = final_cells(tmp_path, CUT, "2026-05-01")
    assert all(cut.values())
    whole = final_cells(tmp_path, datetime(2026, 12, 31), "2026-05-01")
    assert {name for name in cut if cut[name] != whole[name]} == set()
    with night_of(tmp_path, {}, SETTINGS) as night:
        closed = night.warehouse.rows(
            "select strftime(month, '%Y-%m'), metric from ops.restatements where not was_provisional order by month"
        )
        went_on = night.warehouse.value("select count(*) from ops.restatements where was_provisional")
    assert closed == []
    assert went_on > 0
