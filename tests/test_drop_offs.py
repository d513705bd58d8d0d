"""Where people stop and what became of them, against a plain loop; and nothing decided changes when the data goes on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
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

INPUTS = ("core.touches", "core.orders", "core.order_lines", "core.touchpoints")

#: Who, after how many hours from the last thing, and what: a touch that shows a stage, or an order by where it was made.
DEEDS = st.lists(
    st.tuples(
        st.integers(1, 4),
        st.sampled_from([0, 1, 5, 24, 25, 60, 24 * 7, 24 * 31, 24 * 95]),
        st.sampled_from([0, 1, 2, 3, "add_to_cart", "begin_checkout", "add_to_cart", "web", "store", "phone"]),
    ),
    max_size=40,
)


@pytest.fixture(scope="module")
def small(empty: Warehouse) -> Iterator[Warehouse]:
    """The warehouse without rows, and afterwards again."""
    kept = empty.rows("select as_of, reporting_zone from config.settings")[0]
    yield empty
    told_by_models(empty, {name: [] for name in INPUTS}, kept[0], kept[1])


def rows_of(deeds: list[tuple[int, int, int | str]], until: datetime = END) -> dict[str, Rows]:
    """Return the core tables of what people did before a moment; a touch is a contact of its own and its evidence."""
    tables: dict[str, Rows] = {name: [] for name in INPUTS}
    clock: dict[int, datetime] = {}
    for number, (who, hours, what) in enumerate(deeds, 1):
        at = clock[who] = clock.get(who, START + who * HOUR) + hours * HOUR + timedelta(seconds=1)
        if at >= until:
            continue
        if what in PLACES:
            bought = any(order["customer_id"] == who for order in tables["core.orders"])
            tables["core.orders"].append(
                {"order_id": f"o{number:02}", "customer_id": who, "ordered_at": at, "counted_until_at": at, "revenue": number,
                 "sale_channel": what, "is_conversion": True, "is_first_order": not bought}
            )  # fmt: skip
            if number % 3:
                tables["core.order_lines"].append({"order_id": f"o{number:02}", "product_ref": f"p{number % 3}"})
            continue
        channel = ("Email", "Phone")[number % 2]
        tables["core.touches"].append(
            {"touch_id": number, "customer_id": who, "occurred_at": at, "channel": channel, "channel_code": 1, "interaction": "call"}
        )  # fmt: skip
        if what:
            seen: dict[str, Any] = {"stage": STAGES[what]} if isinstance(what, int) else _cart(what, number)
            name = f"00000000-0000-0000-0000-{number:012d}"
            tables["core.touchpoints"].append(seen | {"touchpoint_id": name, "customer_id": who, "occurred_at": at})
    return tables


def _cart(what: str, number: int) -> dict[str, Any]:
    product = {"product_ref": "P1"} if number % 5 else {}
    return {"stage": "decision", "interaction": what, "event_name": what, "amount_reporting": number, **product}


@dataclass
class Told:
    """What the models say."""

    stops: Rows
    carts: Rows
    months: Rows


def told_by_models(small: Warehouse, tables: dict[str, Rows], as_of: datetime, zone: str = "UTC") -> Told:
    """Return what the models make of the tables."""
    small.execute("update config.settings set as_of = $1, reporting_zone = $2", [as_of, zone])
    for name, rows in tables.items():
        put(small, name, rows)
    made = ("core.timeline", "core.attempts", "core.drop_offs", "core.abandoned_carts", "marts.recovered_later")
    for name in made:
        make(MODELS[name], small)
    return Told(
        small.records("select * from core.drop_offs order by drop_id"),
        small.records("select * from core.abandoned_carts order by cart_id"),
        small.records("select * from marts.recovered_later where breakdown = 'month' order by all"),
    )


@dataclass
class Attempt:
    """Touches of one customer without a pause, and the order that followed at once, if any."""

    touches: Rows
    order: dict[str, Any] | None
    next_order: dict[str, Any] | None
    following: dict[str, Any] | None
    cycle: int


def attempts_by_hand(tables: dict[str, Rows], who: int) -> Iterator[Attempt]:
    """Walk through a customer's touches and orders in order."""
    deeds = [row | {"at": row["occurred_at"]} for row in tables["core.touches"] if row["customer_id"] == who]
    deeds += [row | {"at": row["counted_until_at"]} for row in tables["core.orders"] if row["customer_id"] == who]
    deeds.sort(key=lambda deed: deed["at"])
    at = cycle = 0
    while at < len(deeds):
        if "order_id" in deeds[at]:
            at += 1
            continue
        bought_before = any("order_id" in deed for deed in deeds[:at])
        silence = timedelta(days=90 if bought_before else 30)
        if at == 0 or "order_id" in deeds[at - 1] or deeds[at]["at"] > deeds[at - 1]["at"] + silence:
            cycle += 1
        end = at + 1
        while end < len(deeds) and "order_id" not in deeds[end] and deeds[end]["at"] <= deeds[end - 1]["at"] + PAUSE:
            end += 1
        following = deeds[end] if end < len(deeds) else None
        is_sold = following is not None and "order_id" in following and following["at"] <= deeds[end - 1]["at"] + PAUSE
        next_order = next((deed for deed in deeds[end:] if "order_id" in deed), None)
        yield Attempt(deeds[at:end], following if is_sold else None, next_order, following, cycle)
        at = end


def outcomes(left: datetime, label: Any, attempt: Attempt, as_of: datetime, is_decided: bool) -> dict[str, str]:
    order, found = attempt.next_order, {}
    for days in (7, 30, 90):
        over = left + timedelta(days=days)
        said = label(order) if order is not None and order["at"] <= over else "not"
        found[f"outcome_{days}"] = "open" if over >= as_of or not is_decided else said
    return found


def by_hand(tables: dict[str, Rows], as_of: datetime) -> tuple[Rows, Rows]:
    """Return stops and carts, attempt by attempt."""
    stops, carts = [], []
    seen = {(row["customer_id"], row["occurred_at"]): row for row in tables["core.touchpoints"]}
    for who in (1, 2, 3, 4):
        furthest: dict[int, int] = {}
        for attempt in attempts_by_hand(tables, who):
            shown = [seen[who, touch["at"]] for touch in attempt.touches if (who, touch["at"]) in seen]
            stopped, is_decided = attempt.touches[-1]["at"], attempt.touches[-1]["at"] + PAUSE < as_of
            reached = max((STAGES.index(row["stage"]) for row in shown), default=0)
            if attempt.order is None:
                stops.append(
                    {
                        "customer_id": who, "started_at": attempt.touches[0]["at"], "stopped_at": stopped,
                        "reached": STAGES[reached], "is_furthest": reached > furthest.get(attempt.cycle, -1),
                        "is_decided": is_decided, "last_channel": attempt.touches[-1]["channel"],
                        "next_action": _next(stopped, attempt.following, as_of),
                        "order_id": attempt.next_order and attempt.next_order["order_id"],
                    } | outcomes(stopped, lambda order: PLACES[order["sale_channel"]], attempt, as_of, is_decided)
                )  # fmt: skip
            furthest[attempt.cycle] = max(furthest.get(attempt.cycle, -1), reached)
            cart = _cart_by_hand(tables, attempt, [row for row in shown if "interaction" in row], as_of, is_decided)
            if cart:
                is_first = not any(other["customer_id"] == who and other["cycle"] == attempt.cycle for other in carts)
                carts.append(cart | {"customer_id": who, "cycle": attempt.cycle, "is_first": is_first})
    return stops, carts


def _cart_by_hand(
    tables: dict[str, Rows], attempt: Attempt, rows: Rows, as_of: datetime, is_decided: bool
) -> dict[str, Any]:
    if not rows or (attempt.order is not None and attempt.order["sale_channel"] == "web"):
        return {}
    value = 0
    for row in rows:
        value = row["amount_reporting"] if row["interaction"] == "begin_checkout" else value + row["amount_reporting"]
    products = sorted({row["product_ref"] for row in rows if "product_ref" in row})

    def label(order: dict[str, Any]) -> str:
        sold = [line["product_ref"] for line in tables["core.order_lines"] if line["order_id"] == order["order_id"]]
        if order["sale_channel"] != "web":
            return PLACES[order["sale_channel"]]
        return "online" if not sold or not products else "same" if "p1" in sold else "different"

    is_checkout = any(row["interaction"] == "begin_checkout" for row in rows)
    return {
        "begun_at": rows[0]["occurred_at"], "left_at": rows[-1]["occurred_at"], "is_decided": is_decided, "value": value,
        "furthest_step": "checkout" if is_checkout else "cart", "products": products,
    } | outcomes(rows[-1]["occurred_at"], label, attempt, as_of, is_decided)  # fmt: skip


def _next(stopped: datetime, following: dict[str, Any] | None, as_of: datetime) -> str:
    if stopped + SOON >= as_of:
        return "open"
    if following is None or following["at"] > stopped + SOON:
        return "nothing"
    return f"bought_{PLACES[following['sale_channel']]}" if "order_id" in following else "call"


def same(rows: Rows, expected: Rows) -> bool:
    """Tell whether rows agree in every column that is expected."""
    columns = [column for column in (expected or [{}])[0] if column != "cycle"]
    return [{c: row[c] for c in columns} for row in rows] == [{c: row[c] for c in columns} for row in expected]


@SLOW
@given(deeds=DEEDS, days=st.integers(1, 200))
def test_stops_carts_and_recoveries_are_those_found_by_hand(deeds, days, small) -> None:
    as_of = START + timedelta(days=days, hours=7)
    tables = rows_of(deeds, as_of)
    found = told_by_models(small, tables, as_of)
    stops, carts = by_hand(tables, as_of)
    assert same(found.stops, stops)
    assert same(found.carts, carts)
    assert sum(row["count_dropped"] for row in found.months) == 3 * sum(row["is_furthest"] for row in stops)


@SLOW
@given(deeds=DEEDS, days=st.integers(1, 180))
def test_what_is_decided_stays_when_the_data_goes_on(deeds, days, small) -> None:
    cut = START + timedelta(days=days, hours=7)
    early, late = told_by_models(small, rows_of(deeds, cut), cut), told_by_models(small, rows_of(deeds), END)
    for before, after, key in ((early.stops, late.stops, "drop_id"), (early.carts, late.carts, "cart_id")):
        later = {row[key]: row for row in after}
        for row in before:
            if row["is_decided"]:
                decided = ("started_at", "stopped_at", "reached", "is_furthest", "first_channel", "last_channel", "left_at",
                           "value", "products", "is_first", "furthest_step", "next_action", *(f"outcome_{n}" for n in (7, 30, 90)))  # fmt: skip
                fixed = {name: row[name] for name in decided if name in row and row[name] != "open"}
                assert fixed == {name: later[row[key]][name] for name in fixed}
    closed = [row for row in early.months if _is_closed(row, cut)]
    assert closed == [row for row in late.months if _is_closed(row, cut)]


def _is_closed(row: dict[str, Any], cut: datetime) -> bool:
    month = datetime.strptime(row["breakdown_value"], "%Y-%m")
    return bool((month + timedelta(days=31 + row["window_days"])) < cut)


#: In a funnel: who, hours until they enter it and from there to the last step done, and whether they got through.
ENTRIES = st.lists(
    st.tuples(st.integers(1, 4), st.integers(0, 24 * 90), st.sampled_from([0, 1, 30, 24 * 8]), st.booleans()),
    unique_by=lambda entry: entry[0],
)


@SLOW
@given(deeds=DEEDS, entries=ENTRIES)
def test_stops_at_a_step_of_a_funnel_are_those_found_by_hand(deeds, entries, small) -> None:
    tables = rows_of(deeds)
    moments = sorted(row["occurred_at"] for row in tables["core.touches"])
    expected, ways = [], []
    for who, enters, lasts, is_through in entries:
        # Some enter and stop at the very second of something else.
        started = moments[enters % len(moments)] if moments and enters % 2 else START + enters * HOUR
        stopped = started + lasts * HOUR if lasts % 2 or not moments else max(started, moments[-1])
        way = {
            "funnel_index": 1,
            "entity_id": who,
            "start_place": 1,
            "start_level": 1,
            "furthest_level": 1,
            "steps_done": 1,
        }
        ways.append(
            way | {"started_at": started, "stopped_at": stopped, "outcome": "converted" if is_through else "lost",
                   "window_ends_at": stopped, "is_counted_complete": True}
        )  # fmt: skip
        if not is_through:
            expected.append(_stop_by_hand(tables, who, started, stopped))
    small.execute("update config.settings set as_of = $1, reporting_zone = 'UTC'", [END])
    given_rows = tables | {
        "core.funnel_chosen": ways,
        "core.funnel_steps": [
            {"funnel_index": 1, "level": 1, "step": "cart", "is_on_the_way": True},
            {"funnel_index": 1, "level": 2, "step": "purchase"},
        ],
        "config.funnels": [{"funnel_index": 1, "mode": "loose", "count_unit": "people"}],
    }
    for name, rows in given_rows.items():
        put(small, name, rows)
    for name in ("core.timeline", "core.attempts", "core.funnel_people", "core.drop_offs"):
        make(MODELS[name], small)
    found = small.records("select * from core.drop_offs where basis = 'funnel 1' order by customer_id")
    for name in ("core.funnel_chosen", "core.funnel_steps", "config.funnels", "core.funnel_people"):
        put(small, name, [])
    assert same(found, sorted(expected, key=lambda row: row["customer_id"]))


def _stop_by_hand(tables: dict[str, Rows], who: int, started: datetime, stopped: datetime) -> dict[str, Any]:
    orders = [row | {"at": row["counted_until_at"]} for row in tables["core.orders"] if row["customer_id"] == who]
    touches = [row | {"at": row["occurred_at"]} for row in tables["core.touches"] if row["customer_id"] == who]
    later = [row for row in touches if row["at"] > stopped] + [row for row in orders if row["at"] >= stopped]
    following = min(later, key=lambda row: (row["at"], "order_id" in row), default=None)
    bought = min((row for row in orders if row["at"] >= started), key=lambda row: row["at"], default=None)
    attempt = Attempt([], None, bought, following, 0)
    return {
        "customer_id": who, "started_at": started, "stopped_at": stopped, "reached": "cart", "next_step": "purchase",
        "is_decided": True, "next_action": _next(stopped, following, END), "order_id": bought and bought["order_id"],
    } | outcomes(stopped, lambda order: PLACES[order["sale_channel"]], attempt, END, is_decided=True)  # fmt: skip
