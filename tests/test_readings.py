"""However people are merged or split, the same revenue is credited in all."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.catalog import read_models
from tests.cases import computed
from tests.cases import given as rows_given

MODEL = read_models()["marts.identity_sensitivity"]
PERSON = st.integers(1, 4)
RULE_MODELS = ("first", "last", "last_non_direct", "linear", "time_decay", "position", "j_shaped", "inverse_j")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    orders=st.lists(st.tuples(st.integers(0, 60), st.integers(0, 99999), PERSON, PERSON, PERSON), max_size=6),
    touches=st.lists(
        st.tuples(st.integers(0, 60), st.sampled_from(["Email", "Direct", "Display"]), PERSON, PERSON, PERSON),
        max_size=9,
    ),
    model=st.sampled_from(RULE_MODELS),
)
def test_every_reading_credits_every_order_once(empty, orders, touches, model) -> None:
    def moment(day: int) -> str:
        return f"2026-{7 + day // 30:02}-{1 + day % 30:02}"

    names = ("strict_id", "component_id", "loose_id")
    case = {
        "settings": {"default_model": model},
        "given": {
            "core.orders": [
                {"order_id": f"O{n}", "is_conversion": True, "revenue": cents / 100, "ordered_at": moment(day),
                 "counted_until_at": moment(day)}
                for n, (day, cents, *_) in enumerate(orders)
            ],
            "core.order_readings": [
                {"order_id": f"O{n}"} | dict(zip(names, persons, strict=True))
                for n, (_, _, *persons) in enumerate(orders)
            ],
            "core.touches": [
                {"touch_id": n, "occurred_at": moment(day), "channel": channel}
                for n, (day, channel, *_) in enumerate(touches)
            ],
            "core.touch_readings": [
                {"touch_id": n} | dict(zip(names, persons, strict=True)) for n, (_, _, *persons) in enumerate(touches)
            ],
        },
    }  # fmt: skip
    with rows_given(empty, case):
        rows = computed(empty, MODEL)
    booked = Decimal(sum(cents for _, cents, *_ in orders)) / 100
    for linking in ("strict", "default", "loose") if orders else ():
        mine = [row for row in rows if row["linking"] == linking]
        assert sum(row["credited_revenue"] for row in mine) == booked
        assert abs(sum(row["conversions"] for row in mine) - len(orders)) < 1e-6
        assert all(row["credited_revenue"] >= 0 for row in mine)
