from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from pipeline.demo.life import Life, live
from pipeline.demo.truth import channel_effects
from tests.demo.conftest import PEOPLE
from tests.demo.reading import texts, truth


@pytest.fixture(scope="module")
def town() -> Life:
    return live(30_000, 90, 5)


def test_there_is_a_row_for_every_person(shop: Path) -> None:
    people = truth(shop, "people")
    assert [row["person_id"] for row in people] == list(range(1, PEOPLE + 1))


def test_an_order_is_worth_its_goods_less_discount_and_refunds(shop: Path) -> None:
    given_back: Counter[str] = Counter()
    for refund in truth(shop, "refunds"):
        given_back[refund["order_id"]] += refund["amount"]
    for order in truth(shop, "orders"):
        assert order["refund"] == given_back[order["order_id"]]
        expected = order["gross"] - order["discount"] - order["refund"] if order["is_real"] else Decimal(0)
        assert order["net"] == expected


def test_every_identifier_occurs_in_an_export_of_its_system(shop: Path) -> None:
    written = {
        system: "\n".join(text for _, text in texts(shop, system))
        for system in ("ga4", "hubspot", "mailchimp", "square")
    }
    for row in truth(shop, "identifiers"):
        assert row["value"] in written[row["system"]], row


def test_nobody_else_has_an_identifier_that_is_not_shared(shop: Path) -> None:
    holders: dict[tuple[str, str, str], set[int]] = {}
    for row in truth(shop, "identifiers"):
        if not row["is_shared"]:
            system = row["system"] if row["kind"] == "person_key" else ""
            holders.setdefault((system, row["kind"], row["plain_value"]), set()).add(row["person_id"])
    assert all(len(people) == 1 for people in holders.values())


def test_a_tablet_in_the_store_serves_many_people(shop: Path) -> None:
    users = Counter(
        row["value"] for row in truth(shop, "identifiers") if row["kind"] == "client_id" and row["is_shared"]
    )
    assert max(users.values()) >= 15


def test_every_event_of_ga4_has_a_row(shop: Path) -> None:
    closed = {line for name, text in texts(shop, "ga4") if name.startswith("events_2") for line in text.splitlines()}
    rows = [row for row in truth(shop, "events") if row["system"] == "ga4"]
    assert len(rows) == len([line for line in closed if json.loads(line)["event_name"] != "refund"])


def test_a_journey_ends_in_its_order_and_its_touches_come_before_it(shop: Path) -> None:
    orders = {order["order_id"]: order for order in truth(shop, "orders") if order["is_real"]}
    journeys = truth(shop, "journeys")
    assert Counter(j["order_id"] for j in journeys if j["order_id"]) == Counter(orders.keys())
    for journey in journeys:
        assert (journey["outcome"] == "converted") == (journey["order_id"] is not None)
        assert len(journey["channels"]) == len(journey["touched_at"]) == journey["count_touches"]
        assert journey["touched_at"] == sorted(journey["touched_at"])
        if journey["order_id"]:
            order = orders[journey["order_id"]]
            assert order["person_id"] == journey["person_id"]
            assert all(timedelta(0) <= order["ordered_at"] - at <= timedelta(90) for at in journey["touched_at"])


def test_every_touch_is_in_one_journey(shop: Path) -> None:
    placed = Counter(touch for journey in truth(shop, "journeys") for touch in journey["touch_ids"])
    assert placed == Counter(touch["touch_id"] for touch in truth(shop, "touches"))


def test_the_world_without_a_channel_differs_by_what_the_channel_caused(shop: Path) -> None:
    orders = [order for order in truth(shop, "orders") if order["is_real"] and order["sale_channel"] != "deal"]
    for effect in truth(shop, "channel_effects"):
        if effect["channel"] != "Sales":
            assert effect["orders_with"] == len(orders)
            assert effect["revenue_with"] == sum(order["net"] for order in orders)
        assert effect["incremental_orders"] == effect["orders_with"] - effect["orders_without"]
        assert effect["incremental_revenue"] == effect["revenue_with"] - effect["revenue_without"]


def test_the_channel_without_effect_causes_nothing_and_every_other_one_something(town: Life) -> None:
    effects = {row["channel"]: row for row in channel_effects(town).to_pylist()}
    display = effects.pop("Display")
    assert display["count_exposures"] > 1000
    assert display["incremental_orders"] == 0
    assert display["incremental_revenue"] == 0
    for effect in effects.values():
        assert effect["incremental_orders"] > 0, effect


def test_the_channel_without_effect_is_seen_before_orders_more_often_than_most(town: Life) -> None:
    visits = town.bought.visits
    last = visits.channel[town.bought.orders.visit[town.bought.orders.visit >= 0]]
    share_of_orders = (last == 7).mean()
    share_of_visits = (visits.channel == 7).mean()
    assert share_of_orders > share_of_visits
