"""What becomes of a decision to buy: an order on the web or in a store, its payment, its numbers."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from pipeline.demo import baskets
from pipeline.demo.baskets import Baskets
from pipeline.demo.calendar import DAY_SECONDS
from pipeline.demo.draws import Bools, Ints
from pipeline.demo.names import CASHIERS, STORES
from pipeline.demo.people import People
from pipeline.demo.steps import BUYING_STEP, timed
from pipeline.demo.visits import Visits, joined, visits_of
from pipeline.demo.world import CHANNELS, KIND_INDEX, STAFF, World

WEB, STORE, COLLECT = range(3)
PLACES = ("web", "store", "click and collect")
CARD, CASH = range(2)
_FIRST_NUMBER = 1001
_FIRST_TEST_NUMBER = 9001


@dataclass
class Orders:
    """One entry per retail order in every array, ordered by time."""

    person: Ints
    day: Ints
    place: Ints
    ordered_us: Ints
    """Microseconds since 1970, UTC; in a store to the second."""
    booked_at: Ints
    """Second of the receipt at the till; of an order collected in the store, when it was collected."""
    visit: Ints
    """Place of the visit it was made in; -1 in a store."""
    number: Ints
    """Web order number; 0 in a store."""
    is_test: Bools
    store: Ints
    cashier: Ints
    tender: Ints
    reports: Ints
    """How often Google Analytics reports it: 0, 1 or 2 times."""

    def __len__(self) -> int:
        return len(self.person)

    def taken(self, places: Ints | Bools) -> Orders:
        """Return the orders at some places."""
        return Orders(**{field.name: getattr(self, field.name)[places] for field in fields(self)})


@dataclass
class Bought:
    """Visits with those added that people made to buy, and the orders."""

    visits: Visits
    orders: Orders
    baskets: Baskets
    refunded: Ints
    """Per order and line, the refund that gave it back before the end; 0 for none."""


def realise(world: World, people: People, visits: Visits, person: Ints, day: Ints) -> Bought:
    """Turn decisions into orders.

    Args:
        world: The business.
        people: Everybody.
        visits: The visits that came before the decisions.
        person: Who decided to buy.
        day: On which day.
    """
    dice = world.dice
    in_store = (dice.uniform("in store", person, day) < people.store_share[person]) | ~people.is_web[person]
    collects = ~in_store & (dice.uniform("collects", person, day) < 0.05) & (day < world.days - 3)
    tests = _tests(world, people)
    person = np.concatenate([person, tests[0]])
    day = np.concatenate([day, tests[1]])
    place = np.concatenate([np.where(in_store, STORE, np.where(collects, COLLECT, WEB)), np.full(len(tests[0]), WEB)])
    web = place != STORE
    visits = _with_buying_visits(world, visits, person[web], day[web])
    visit = np.full(len(person), -1, np.int64)
    visit[web] = _last_visit(world, visits, person[web], day[web])
    visits.depth[visit[web]] = 5
    orders = _orders(world, people, visits, person, day, place, visit)
    orders.is_test = people.kind[orders.person] == STAFF
    _number(orders)
    filled = baskets.fill(world, orders.person, orders.day)
    refunded = np.where(orders.is_test[:, None], 0, baskets.happened(world, filled, orders.day))
    return Bought(visits, orders, filled, refunded)


def _tests(world: World, people: People) -> tuple[Ints, Ints]:
    """Let every member of staff try the shop out twice."""
    staff = np.repeat(np.flatnonzero(people.kind == STAFF), 2)
    half = max(1, world.days // 2)
    return staff, world.dice.below("test", half, staff, np.arange(len(staff))) + half * (np.arange(len(staff)) % 2)


def _day_keys(world: World, person: Ints, day: Ints) -> Ints:
    return person * (world.days + 8) + day


def _last_visit(world: World, visits: Visits, person: Ints, day: Ints) -> Ints:
    """Return the place of the last visit of a person on a day, the tablet's aside; -1 for none."""
    own = np.flatnonzero(~visits.is_tablet)
    keys = _day_keys(world, visits.person[own], world.calendar.day_of(visits.started_at[own]))
    wanted = _day_keys(world, person, day)
    found = np.searchsorted(keys, wanted, side="right") - 1
    fits = (found >= 0) & (keys[np.maximum(found, 0)] == wanted) if len(keys) else np.zeros(len(wanted), bool)
    return np.where(fits, own[np.maximum(found, 0)] if len(own) else -1, -1)


def _with_buying_visits(world: World, visits: Visits, person: Ints, day: Ints) -> Visits:
    """Add a visit for everybody who decided to buy on a day without one."""
    alone = _last_visit(world, visits, person, day) < 0
    person, day = person[alone], day[alone]
    weights = np.array([channel.buying for channel in CHANNELS])
    channel = world.dice.among("way back", weights, person, day)
    second = 8 * 3600 + world.dice.below("way back at", 13 * 3600, person, day)
    return joined([visits, visits_of(person, world.calendar.at(day, second), channel, bought=True)])


def _orders(world: World, people: People, visits: Visits, person: Ints, day: Ints, place: Ints, visit: Ints) -> Orders:
    dice = world.dice
    in_store = place == STORE
    till = world.calendar.at(day, 9 * 3600 + dice.below("till", 10 * 3600, person, day))
    ordered_us = np.where(in_store, till * 1_000_000, 0)
    ordered_us[~in_store] = _bought_us(world, visits, visit[~in_store])
    seconds = ordered_us // 1_000_000
    paid = seconds + 2 + dice.below("capture", 6, person, day)
    pick_up_day = world.calendar.day_of(seconds) + 1
    pick_up = world.calendar.at(pick_up_day, 10 * 3600 + dice.below("pick up", 8 * 3600, person, day))
    cash_share = np.where(people.kind[person] == KIND_INDEX["walk_in"], 1.0, 0.18)
    cash_share[people.kind[person] == KIND_INDEX["card"]] = 0.0
    lost = dice.uniform("reported", person, day)
    orders = Orders(
        person=person,
        day=day,
        place=place,
        ordered_us=ordered_us,
        booked_at=np.where(place == WEB, paid, np.where(place == COLLECT, pick_up, till)),
        visit=visit,
        number=np.zeros(len(person), np.int64),
        is_test=np.zeros(len(person), bool),
        store=dice.below("store", len(STORES), person, day * 0),
        cashier=dice.below("cashier", min(map(len, CASHIERS)), person, day),
        tender=np.where(in_store & (dice.uniform("cash", person, day) < cash_share), CASH, CARD),
        reports=np.where(lost < 0.05, 0, np.where(lost > 0.965, 2, 1)) * ~in_store,
    )
    orders.reports[people.is_blocker[person]] = 0
    return orders.taken(np.lexsort((person, ordered_us)))


def _bought_us(world: World, visits: Visits, visit: Ints) -> Ints:
    """Return when the order goes through within its visit."""
    _, offset = timed(world, visits.taken(visit))
    return visits.started_at[visit] * 1_000_000 + offset[:, BUYING_STEP]


def _number(orders: Orders) -> None:
    """Number the web orders as they come in; tests have numbers of their own."""
    web = orders.place != STORE
    for kind, first in ((web & ~orders.is_test, _FIRST_NUMBER), (web & orders.is_test, _FIRST_TEST_NUMBER)):
        orders.number[kind] = first + np.arange(kind.sum())


def refund_times(world: World, bought: Bought) -> Ints:
    """Return the second of each order's first and second refund, in two columns; in the till's opening hours."""
    orders = bought.orders
    second = 9 * 3600 + world.dice.below("refund at", 9 * 3600, orders.person, orders.day)
    days = bought.baskets.refund_days
    at = np.stack([world.calendar.at(orders.day + days[:, k], second + k) for k in (0, 1)], axis=1)
    # A receipt at the till may be later than the order it is for; money cannot go back before it came.
    return np.where(days > 0, np.maximum(at, orders.booked_at[:, None] + 600 + DAY_SECONDS * np.array([0, 1])), 0)
