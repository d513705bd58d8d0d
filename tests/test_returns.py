"""Spend and credit against a second implementation in plain Python, and what must hold for any spend."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, example, settings
from hypothesis import given as examples
from hypothesis import strategies as st

from pipeline.catalog import read_audits, read_models
from pipeline.warehouse import Warehouse
from tests.cases import computed, given

MODELS, AUDITS = read_models(), read_audits()
CHAIN = (
    "core.campaign_names", "core.spend_days", "core.spend_coverage", "core.spend_totals", "core.order_money",
    "marts.dated_credit", "marts.returns", "marts.claims",
)  # fmt: skip
BEGIN, AS_OF = date(2026, 6, 1), date(2026, 8, 15)
PLATFORMS = {"Search": "P", "Social": "P", "Display": "Q", "Nobody came": "Q"}
CENT = Decimal("0.01")


@dataclass(frozen=True)
class Order:
    day: int
    channels: tuple[str, ...]
    cents: int
    refund_share: float
    refund_after: int
    is_first: bool


@dataclass(frozen=True)
class Spend:
    channel: str
    day: int
    days: int
    cents: int
    claims: int


ORDERS = st.lists(
    st.builds(
        Order,
        st.integers(0, 60),
        st.lists(st.sampled_from(["Search", "Social", "Display", "Email"]), min_size=1, max_size=4).map(tuple),
        st.integers(0, 90_000),
        st.sampled_from([0.0, 0.0, 0.4, 1.0]),
        st.integers(0, 30),
        st.booleans(),
    ),
    max_size=8,
)
SPEND = st.lists(
    st.builds(
        Spend, st.sampled_from(list(PLATFORMS)), st.integers(-10, 80), st.integers(1, 40), st.integers(-500, 50_000),
        st.integers(0, 9),
    ),
    max_size=6,
)  # fmt: skip


def money(order: Order) -> tuple[Decimal, Decimal]:
    """Return an order's value before refunds, and what went back."""
    before = Decimal(order.cents) / 100
    return before, (before * Decimal(str(order.refund_share))).quantize(CENT)


def rows(orders: list[Order], spends: list[Spend]) -> dict[str, list[dict[str, Any]]]:
    """Write orders and spend as the tables that the models read."""
    touches, booked, refunds = [], [], []
    for number, order in enumerate(orders):
        before, back = money(order)
        name, day = f"O{number}", BEGIN + timedelta(days=order.day)
        booked.append(
            {"order_id": name, "is_conversion": True, "is_first_order": order.is_first, "ordered_at": f"{day} 12:00:00",
             "revenue": before - back, "gross": before, "discount": 0, "gift_cards": 0, "tax": 0, "shipping": 0}
        )  # fmt: skip
        if back:
            at = day + timedelta(days=order.refund_after)
            refund = {"source_system": "s", "refund_ref": name, "order_id": name, "amount": back, "is_counted": True}
            refunds.append(refund | {"refunded_at": f"{at} 12:00:00"})
        upto = [Decimal(i) / len(order.channels) for i in range(len(order.channels) + 1)]
        for i, channel in enumerate(order.channels):
            share, cash = (
                [(part * whole).quantize(Decimal(1).scaleb(-digits)) for part in upto]
                for whole, digits in ((Decimal(1), 12), (before - back, 6))
            )
            touch = {"order_id": name, "credit_index": i + 1, "channel": channel, "campaign": ""}
            touches.append(touch | {"orders_linear": share[i + 1] - share[i], "revenue_linear": cash[i + 1] - cash[i]})
    spent = [
        {"row_key": f"{n}", "source_system": "g", "platform": PLATFORMS[s.channel], "account_ref": "", "file_id": "f",
         "channel": s.channel, "campaign": "", "breakdown": "none", "cost": Decimal(s.cents) / 100,
         "starts_on": BEGIN + timedelta(days=s.day), "ends_on": BEGIN + timedelta(days=s.day + s.days - 1),
         "claimed_conversions": s.claims, "claimed_value": s.claims * 10}
        for n, s in enumerate(spends)
    ]  # fmt: skip
    return {
        "core.orders": booked, "core.refunds": refunds, "marts.attribution_touches": touches, "core.spend": spent,
    }  # fmt: skip


@contextmanager
def built(empty: Warehouse, orders: list[Order], spends: list[Spend]) -> Iterator[dict[str, list[dict[str, Any]]]]:
    """Build the models of money on small tables, and give the rows of each."""
    changed = {"reporting_zone": "UTC", "as_of": f"{AS_OF} 12:00:00", "default_model": "linear", "margin_share": 0.5}
    with ExitStack() as stack:
        stack.enter_context(given(empty, {"settings": changed, "given": rows(orders, spends)}))
        made = {}
        for name in CHAIN:
            made[name] = computed(empty, MODELS[name])
            stack.enter_context(given(empty, {"given": {name: made[name]}}))
        yield made


def expected(orders: list[Order], spends: list[Spend], basis: str, channel: str) -> tuple[float, float, float]:
    """Return spend, revenue and new customers of the days compared: loops, and no SQL."""
    platform = PLATFORMS.get(channel)
    own = [s for s in spends if PLATFORMS[s.channel] == platform]
    if not own or not orders:
        return 0.0, 0.0, 0.0
    first = max(min(s.day for s in own), min(o.day for o in orders))
    last = min(max(s.day + s.days - 1 for s in own), (AS_OF - BEGIN).days)
    days = range(first, last + 1)
    spend = sum(
        s.cents / 100 / s.days for s in own if s.channel == channel for d in range(s.day, s.day + s.days) if d in days
    )
    revenue = new = 0.0
    for order in orders:
        share = order.channels.count(channel) / len(order.channels)
        before, back = map(float, money(order))
        new += share * (order.is_first and order.day in days)
        if basis == "order_date":
            revenue += share * (before - back) * (order.day in days)
        else:
            revenue += share * (before * (order.day in days) - back * (order.day + order.refund_after in days))
    return spend, revenue, new


#: The day before spend, its first and last day, and the day after; refunds inside and behind it.
EDGES = [Order(day, ("Search", "Email"), 10_000 + day, 0.4, 2, is_first=True) for day in (1, 2, 5, 6)]


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@examples(orders=ORDERS, spends=SPEND)
@example(orders=EDGES, spends=[Spend("Search", 2, 4, 7_000, 3)])
def test_returns_are_those_of_a_plain_loop_and_tie_to_books_and_exports(orders, spends, empty) -> None:
    with built(empty, orders, spends) as made:
        returns = made["marts.returns"]
        for name in ("dated_credit_adds_up_to_the_books", "spend_adds_up_to_the_exports",
                     "money_of_an_order_adds_up_to_its_revenue", "claims_counted_twice_are_never_below_zero"):  # fmt: skip
            assert empty.rows(AUDITS[name].sql) == [], name
    # A channel whose clicks are paid for by a platform with spend of others is compared only where its own is known.
    for row in returns:
        if row["level"] != "channel" or row["period"] != "all":
            continue
        spent = any(s.channel == row["channel"] for s in spends)
        spend, revenue, new = expected(orders, spends, row["date_basis"], row["channel"]) if spent else (0.0, 0.0, 0.0)
        assert float(row["compared_spend"]) == pytest.approx(spend, abs=1e-4)
        assert float(row["compared_revenue"]) == pytest.approx(revenue, abs=1e-4)
        assert row["new_customers"] == pytest.approx(new, abs=1e-6)
        if spend > 0.01:
            assert row["roas"] == pytest.approx(revenue / spend, rel=1e-4, abs=1e-6)
            assert row["margin_return"] is None or row["margin_return"] == pytest.approx(
                revenue / spend / 2, rel=1e-4, abs=1e-6
            )
        else:
            assert row["roas"] is None or spend > 0


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@examples(orders=ORDERS, spends=SPEND)
def test_doubling_spend_halves_what_it_returns_and_moves_no_credit(orders, spends, empty) -> None:
    twice = [replace(spend, cents=spend.cents * 2) for spend in spends]
    found = []
    for given_spend in (spends, twice):
        with built(empty, orders, given_spend) as made:
            keys = ("date_basis", "level", "period", "model", "channel", "campaign")
            found.append({tuple(row[key] for key in keys): row for row in made["marts.returns"]})
    assert found[0].keys() == found[1].keys()
    for key, row in found[0].items():
        other = found[1][key]
        assert other["credited_revenue"] == row["credited_revenue"]
        assert float(other["spend"]) == pytest.approx(2 * float(row["spend"]), abs=1e-4)
        for name, factor in (("roas", 0.5), ("margin_return", 0.5), ("cac", 2), ("cost_per_order", 2)):
            if row[name] is not None and float(row["compared_spend"]) > 0.01:
                assert other[name] == pytest.approx(factor * row[name], rel=1e-3, abs=1e-6)


EFFECT = {"evidence": "evidence of effect", "basis": "exposure"}


@pytest.mark.parametrize(
    ("shown", "margin", "count_orders", "step", "grade"),
    [
        ([EFFECT], (1.2, 3.0), 40, "keep", "B"),
        ([EFFECT], (0.2, 0.8), 40, "cut", "B"),
        ([{**EFFECT, "evidence": "no effect shown"}], (1.2, 3.0), 40, "test", "B"),
        ([{"evidence": "no effect shown", "basis": "hold-out"}, EFFECT], (1.2, 3.0), 40, "cut", "A"),
        ([{**EFFECT, "evidence": "confounded"}], (1.2, 3.0), 40, "test", "C"),
        ([{"evidence": "evidence of effect", "basis": "hold-out"}], (1.2, 3.0), 29, "measure", "D"),
    ],
    ids=["effect", "effect that costs more", "no effect by exposure", "hold-out before exposure", "confounded", "few"],
)  # fmt: skip
def test_a_card_takes_its_evidence_from_comparisons_of_people(shown, margin, count_orders, step, grade, empty) -> None:
    key = {
        "date_basis": "order_date",
        "level": "channel",
        "period": "all",
        "model": "linear",
        "channel": "A",
        "campaign": "(all)",
    }
    spent = {"spend": 10, "compared_spend": 10, "compared_revenue": 50, "costed_share": 1, "count_orders": count_orders}
    ends = {
        "roas_low": 2 * margin[0],
        "roas_high": 2 * margin[1] + 1,
        "margin_return_low": margin[0],
        "margin_return_high": margin[1],
    }
    tables = {
        "marts.returns": [key | spent],
        "marts.return_intervals": [key | ends],
        "marts.attribution_verdicts": [{"channel": "A", "verdict": "agree"}],
        "marts.channel_evidence": [{"channel": "A", "says": "so"} | row for row in shown],
    }
    sql = MODELS["marts.decision_cards"].sql
    with given(empty, {"settings": {"guard_n": 30, "default_model": "linear"}, "given": tables}):
        twice = [empty.records(sql) for _ in range(2)]
    assert twice[0] == twice[1]
    (card,) = twice[0]
    assert (card["next_step"], card["grade"]) == (step, grade)
    assert card["says"] == f"A: {step}, because {card['rule_says']}."


def test_the_rules_of_the_cards_know_every_state(empty) -> None:
    """Whatever the states of a channel are, one rule fits."""
    spends, amounts = ("spent", "paid", "free"), ("none", "few", "enough")
    returned = ("above", "below", "open", "unknown", None)
    found = empty.records("select * from config.decision_rules order by rule_order")
    assert len({row["rule"] for row in found}) == len(found)
    for spend in spends:
        for amount in amounts:
            for worth in returned if spend == "spent" and amount == "enough" else (None,):
                if spend == "spent" and amount == "enough" and worth is None:
                    continue
                fits = [
                    row["rule"]
                    for row in found
                    if row["spend_state"] in (None, spend)
                    and row["data_state"] in (None, amount)
                    and row["return_state"] in (None, worth)
                    and row["evidence"] is None
                ]
                assert fits, (spend, amount, worth)
