"""Where people stop and what became of them, against a plain loop; and nothing decided changes when the data goes on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.build import make
from pipeline.catalog import read_models
from pipeline.warehouse import Warehouse
from tests.reporting.shop import put

MODELS = read_models()
SLOW = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
START, HOUR = datetime(2026, 1, 1), timedelta(hours=1)
PAUSE, SOON = timedelta(hours=24), timedelta(days=7)
END = START + timedelta(days=200)
STAGES = ["none", "awareness", "consideration", "decision", "purchase"]
PLACES = {"web": "online", "store": "store", "phone": "other"}
Rows = list[dict[str, Any]]

#: Who, after how many hours from the last thing, and what: a touch that shows a stage, or an order by where it was made.
DEEDS = st.lists(
    st.tuples(
        st.integers(1, 4),
        st.sampled_from([0, 1, 5, 24, 25, 60, 24 * 7, 24 * 31, 24 * 95]),
        st.sampled_from([0, 1, 2, 3, 3, "web", "store", "phone"]),
    ),
    max_size=40,
)


@pytest.fixture(scope="module")
def small(empty: Warehouse) -> Iterator[Warehouse]:
    """The warehouse without rows, and afterwards again."""
    kept = empty.rows("select as_of, reporting_zone from config.settings")[0]
    yield empty
    drop_offs(empty, {"core.touches": [], "core.orders": [], "core.touchpoints": []}, kept[0], kept[1])


def rows_of(deeds: list[tuple[int, int, int | str]], until: datetime = END) -> dict[str, Rows]:
    """Return the core tables of what people did before a moment; a touch is a contact of its own and its evidence."""
    tables: dict[str, Rows] = {"core.touches": [], "core.orders": [], "core.touchpoints": []}
    clock: dict[int, datetime] = {}
    for number, (who, hours, what) in enumerate(deeds, 1):
        at = clock[who] = clock.get(who, START + who * HOUR) + hours * HOUR + timedelta(seconds=1)
        if at >= until:
            continue
        if isinstance(what, str):
            bought = any(order["customer_id"] == who for order in tables["core.orders"])
            tables["core.orders"].append(
                {"order_id": f"o{number:02}", "customer_id": who, "ordered_at": at, "counted_until_at": at, "revenue": number,
                 "sale_channel": what, "is_conversion": True, "is_first_order": not bought}
            )  # fmt: skip
            continue
        channel = ("Email", "Phone")[number % 2]
        tables["core.touches"].append(
            {"touch_id": number, "customer_id": who, "occurred_at": at, "channel": channel, "channel_code": 1, "interaction": "call"}
        )  # fmt: skip
        if what:
            tables["core.touchpoints"].append(
                {
                    "touchpoint_id": f"00000000-0000-0000-0000-{number:012d}",
                    "customer_id": who,
                    "occurred_at": at,
                    "stage": STAGES[what],
                }
            )
    return tables


def drop_offs(small: Warehouse, tables: dict[str, Rows], as_of: datetime, zone: str = "UTC") -> tuple[Rows, Rows]:
    """Return what the models make of the tables: the stops, and those who were won back by month."""
    small.execute("update config.settings set as_of = $1, reporting_zone = $2", [as_of, zone])
    for name, rows in tables.items():
        put(small, name, rows)
    for name in ("core.timeline", "core.attempts", "core.drop_offs", "marts.recovered_later"):
        make(MODELS[name], small)
    months = small.records("select * from marts.recovered_later where breakdown = 'month' order by all")
    return small.records("select * from core.drop_offs order by drop_id"), months


def by_hand(tables: dict[str, Rows], as_of: datetime) -> Rows:
    """Walk through each customer's touches and orders in order."""
    found = []
    for who in (1, 2, 3, 4):
        deeds = [(t["occurred_at"], "", t["touch_id"], t) for t in tables["core.touches"] if t["customer_id"] == who]
        deeds += [
            (o["counted_until_at"], o["order_id"], 0, o) for o in tables["core.orders"] if o["customer_id"] == who
        ]
        deeds.sort(key=lambda deed: deed[0])
        shown = {
            p["occurred_at"]: STAGES.index(p["stage"]) for p in tables["core.touchpoints"] if p["customer_id"] == who
        }
        furthest, at = -1, 0
        while at < len(deeds):
            if deeds[at][1]:
                furthest, at = -1, at + 1
                continue
            bought_before = any(order for _, order, _, _ in deeds[:at])
            if at and deeds[at][0] > deeds[at - 1][0] + timedelta(days=90 if bought_before else 30):
                furthest = -1
            last = at
            while last + 1 < len(deeds) and not deeds[last + 1][1] and deeds[last + 1][0] <= deeds[last][0] + PAUSE:
                last += 1
            stopped = deeds[last][0]
            following = deeds[last + 1] if last + 1 < len(deeds) else None
            if following and following[1] and following[0] <= stopped + PAUSE:
                at = last + 1
                continue
            reached = max(shown.get(deed[0], 0) for deed in deeds[at : last + 1])
            order = next((deed for deed in deeds[last + 1 :] if deed[1]), None)
            row = {
                "customer_id": who, "started_at": deeds[at][0], "stopped_at": stopped, "reached": STAGES[reached],
                "is_furthest": reached > furthest, "is_decided": stopped + PAUSE < as_of,
                "last_channel": deeds[last][3]["channel"], "order_id": order[1] if order else None,
                "next_action": _next(stopped, following, as_of),
            }  # fmt: skip
            for days in (7, 30, 90):
                over = stopped + timedelta(days=days)
                in_time = order is not None and order[0] <= over
                outcome = PLACES[order[3]["sale_channel"]] if order is not None and in_time else "not"
                row[f"outcome_{days}"] = "open" if over >= as_of else outcome
            found.append(row)
            furthest, at = max(furthest, reached), last + 1
    return found


def _next(stopped: datetime, following: Any, as_of: datetime) -> str:
    if stopped + SOON >= as_of or stopped + PAUSE >= as_of:
        return "open"
    if following is None or following[0] > stopped + SOON:
        return "nothing"
    return f"bought_{PLACES[following[3]['sale_channel']]}" if following[1] else "call"


def told(rows: Rows, columns: list[str]) -> list[tuple[Any, ...]]:
    return sorted(tuple(row[column] for column in columns) for row in rows)


@SLOW
@given(deeds=DEEDS, days=st.integers(1, 200))
def test_stops_and_recoveries_are_those_found_by_hand(deeds, days, small) -> None:
    as_of = START + timedelta(days=days, hours=7)
    tables = rows_of(deeds, as_of)
    rows, months = drop_offs(small, tables, as_of)
    expected = by_hand(tables, as_of)
    columns = [column for column in (expected or [{}])[0] if column != "order_id"]
    assert told(rows, columns) == told(expected, columns)
    assert [row["order_id"] for row in rows] == [r["order_id"] for r in expected]
    assert sum(row["count_dropped"] for row in months) == 3 * sum(row["is_furthest"] for row in expected)


@SLOW
@given(deeds=DEEDS, days=st.integers(1, 180))
def test_what_is_decided_stays_when_the_data_goes_on(deeds, days, small) -> None:
    cut = START + timedelta(days=days, hours=7)
    early, early_months = drop_offs(small, rows_of(deeds, cut), cut)
    late, late_months = drop_offs(small, rows_of(deeds), END)
    after = {row["drop_id"]: row for row in late}
    for row in early:
        if row["is_decided"]:
            fixed = (
                "customer_id",
                "started_at",
                "stopped_at",
                "reached",
                "is_furthest",
                "first_channel",
                "last_channel",
            )
            fixed += tuple(
                name for name in ("next_action", "outcome_7", "outcome_30", "outcome_90") if row[name] != "open"
            )
            assert {name: row[name] for name in fixed} == {name: after[row["drop_id"]][name] for name in fixed}
    closed = [row for row in early_months if _is_closed(row, cut)]
    assert closed == [row for row in late_months if _is_closed(row, cut)]


def _is_closed(row: dict[str, Any], cut: datetime) -> bool:
    month = datetime.strptime(row["breakdown_value"], "%Y-%m")
    return bool((month + timedelta(days=31 + row["window_days"])) < cut)
