"""Every variant of the settings against a loop over orders in plain Python; and whatever is varied, all is credited."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.catalog import read_models
from tests.cases import computed
from tests.cases import given as rows_given

MODELS = read_models()
LINKINGS = ("strict", "default", "loose")
RULE_MODELS = ("first", "last", "last_non_direct", "linear", "time_decay", "position", "j_shaped", "inverse_j")
LAST_DAY = datetime(2026, 9, 20)
DAYS = {"as set": None, "7 days": 7, "30 days": 30, "90 days": 90}

#: Order, days before it, channel, the linkings that see the touch, whether the rule in force and the other one have it.
TOUCHES = st.lists(
    st.tuples(
        st.sampled_from("AB"),
        st.integers(0, 95),
        st.sampled_from(["Email", "Direct", "Display"]),
        st.sets(st.sampled_from(LINKINGS), min_size=1),
        st.sampled_from([(True, True), (True, False), (False, True)]),
    ),
    max_size=8,
)


def weights(model: str, channels: list[str], ages: list[float]) -> list[float]:
    n = len(channels)
    if model == "linear":
        return [1.0] * n
    if model == "time_decay":
        return [2 ** (-age / 7) for age in ages]
    if model in ("first", "last", "last_non_direct"):
        named = [place for place, channel in enumerate(channels) if channel != "Direct"]
        at = {"first": 0, "last": n - 1, "last_non_direct": named[-1] if named else n - 1}[model]
        return [float(place == at) for place in range(n)]
    first, last = {"position": (0.4, 0.4), "j_shaped": (0.2, 0.6), "inverse_j": (0.6, 0.2)}[model]
    if n == 1:
        return [1.0]
    if n == 2:
        return {"position": [0.5, 0.5], "j_shaped": [0.25, 0.75], "inverse_j": [0.75, 0.25]}[model]
    return [first, *[(1 - first - last) / (n - 2)] * (n - 2), last]


def by_hand(touches: list[dict[str, Any]], model: str) -> dict[tuple[str, str, int, str], float]:
    made: dict[tuple[str, str, int, str], float] = defaultdict(float)
    for reading in range(6):
        flag = "is_in_force" if reading < 3 else "is_in_other"
        mine = [t for t in touches if t["linking"] == LINKINGS[reading % 3] and t[flag]]
        for lookback, days in DAYS.items():
            for order in sorted({touch["order_id"] for touch in mine}):
                within = timedelta(days=days or (30 if order == "A" else 90))
                seen = [t for t in mine if t["order_id"] == order and t["occurred_at"] + within >= LAST_DAY]
                for direct in ("with", "without"):
                    is_named = any(t["channel"] != "Direct" for t in seen)
                    kept = [t for t in seen if direct == "with" or t["channel"] != "Direct" or not is_named]
                    kept.sort(key=lambda t: (t["occurred_at"], t["touch_id"]))
                    ages = [(kept[-1]["occurred_at"] - t["occurred_at"]).days for t in kept]
                    shares = weights(model, [t["channel"] for t in kept], ages) if kept else []
                    for touch, share in zip(kept, shares, strict=True):
                        made[lookback, direct, reading, touch["channel"]] += share / sum(shares)
    return made


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=TOUCHES, model=st.sampled_from(RULE_MODELS))
def test_every_variant_is_what_a_loop_finds(empty, drawn, model) -> None:
    touches = [
        {"linking": linking, "order_id": order, "touch_id": number, "occurred_at": LAST_DAY - timedelta(days=days),
         "channel": channel, "tie_rank": 0, "revenue": 7 if order == "A" else 10.01, "counted_until_at": LAST_DAY,
         "is_first_order": order == "A", "is_in_force": rules[0], "is_in_other": rules[1]}
        for number, (order, days, channel, linkings, rules) in enumerate(drawn)
        for linking in sorted(linkings)
    ]  # fmt: skip
    orders = [{"order_id": order, "is_conversion": True, "revenue": money} for order, money in (("A", 7), ("B", 10.01))]
    case = {
        "settings": {"default_model": model, "first_order_lookback_days": 30, "lookback_days": 90},
        "given": {"core.variant_touches": touches},
    }
    with rows_given(empty, case):
        credit = computed(empty, MODELS["core.variant_credit"])
    found: dict[tuple[str, str, int, str], float] = defaultdict(float)
    for row in credit:
        for reading in range(6):
            if row["readings"] >> reading & 1:
                found[row["lookback"], row["direct"], reading, row["channel"]] += float(row["conversions"])
    expected = by_hand(touches, model)
    assert all(abs(found[key] - expected[key]) < 1e-9 for key in found.keys() | expected.keys())

    with rows_given(empty, {**case, "given": {"core.variant_credit": credit, "core.orders": orders}}):
        rows = computed(empty, MODELS["marts.sensitivity"])
    booked: dict[tuple[str, ...], Decimal] = defaultdict(Decimal)
    for row in rows:
        booked[row["lookback"], row["direct"], row["linking"], row["session_rule"]] += row["credited_revenue"]
        assert row["credited_revenue"] >= 0
    assert len(booked) == 48
    assert set(booked.values()) == {Decimal("17.01")}
