"""Browsers, log-ins and accounts: what a visit can be recognised by."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.demo.draws import Bools, Ints
from pipeline.demo.people import People
from pipeline.demo.visits import Visits
from pipeline.demo.world import STAFF, World

ANONYMOUS, LOGS_IN, LOGGED_IN = range(3)
_MAIN, _SECOND, _AFTER_CLEARING = range(3)
_CLIENTS_EACH = 4


@dataclass
class Clients:
    """One entry per browser."""

    owner: Ints
    """Place of the person it belongs to; -1 for the tablet in the store."""
    number: Ints
    first_seen_at: Ints
    device: Ints
    """What it is: 0 desktop, 1 Mac, 2 iPhone, 3 Android, 4 iPad."""

    def __len__(self) -> int:
        return len(self.owner)


@dataclass
class Trails:
    """What every visit left behind; one entry per visit."""

    client: Ints
    login: Ints
    """0 stays anonymous, 1 logs in on the way, 2 is logged in from the start."""
    is_sign_up: Bools
    session_number: Ints
    is_first: Bools
    is_seen: Bools
    """Google Analytics hears of the visit."""
    has_ids: Bools
    """And learns which browser it was."""


def make_trails(world: World, people: People, visits: Visits) -> tuple[Clients, Trails]:
    """Give every visit its browser and its state of log-in."""
    keys = _client_keys(world, people, visits)
    unique, client = np.unique(keys, return_inverse=True)
    clients = _clients(world, people, visits, unique, client)
    order = np.lexsort((visits.started_at, client))
    login, is_sign_up = _logins(world, people, visits, clients, client)
    number = np.empty(len(visits), np.int64)
    begins = np.flatnonzero(np.diff(client[order], prepend=-1))
    number[order] = np.arange(len(order)) - np.repeat(begins, np.diff([*begins, len(order)]))
    known = clients.first_seen_at < world.calendar.begins_at
    earlier = np.where(known, 1 + world.dice.below("earlier visits", 9, clients.owner, clients.number), 0)
    is_seen = ~people.is_blocker[visits.person] | visits.is_tablet
    return clients, Trails(
        client=client,
        login=login,
        is_sign_up=is_sign_up,
        session_number=1 + number + earlier[client],
        is_first=(number == 0) & ~known[client],
        is_seen=is_seen,
        has_ids=is_seen & (~people.is_denied[visits.person] | visits.is_tablet),
    )


def _client_keys(world: World, people: People, visits: Visits) -> Ints:
    """Return a number per browser: of the computer somebody shares, that of the household's first."""
    person = visits.person
    second = people.has_two_devices[person] & (
        world.dice.uniform("device", person, visits.started_at) < np.where(visits.depth == 5, 0.25, 0.4)
    )
    cleared = world.calendar.day_of(visits.started_at) >= people.churn_day[person]
    place = np.where(second, _SECOND, np.where(cleared, _AFTER_CLEARING, _MAIN))
    at_home = (place == _MAIN) & (people.shares_device_with[person] >= 0)
    owner = np.where(at_home, people.shares_device_with[person], person)
    return np.where(visits.is_tablet, len(people) * _CLIENTS_EACH, owner * _CLIENTS_EACH + place)


def _clients(world: World, people: People, visits: Visits, unique: Ints, client: Ints) -> Clients:
    owner, place = np.divmod(unique, _CLIENTS_EACH)
    is_tablet = owner == len(people)
    first = np.full(len(unique), np.iinfo(np.int64).max)
    np.minimum.at(first, client, visits.started_at)
    known = people.has_account & (people.account_day < 0)
    chance = np.where(is_tablet, 1.0, np.where(known[np.minimum(owner, len(people) - 1)], 0.7, 0.15))
    old = (world.dice.uniform("old browser", unique) < chance) & (place != _AFTER_CLEARING)
    age = (1 + world.dice.below("browser age", 240, unique)) * 86_400 + world.dice.below("age", 40_000, unique)
    # An odd factor only swaps the numbers below 2^31 around, so no two browsers get the same.
    number = (np.arange(len(unique)) * 2_654_435_761 + world.seed * 97 + 123_456_789) % 2**31
    main = people.device[np.minimum(owner, len(people) - 1)]
    return Clients(
        owner=np.where(is_tablet, -1, owner),
        number=number,
        first_seen_at=np.where(old, world.calendar.begins_at - age, first),
        device=np.where(is_tablet, 4, np.where(place == _SECOND, np.where(main < 2, 2, 0), main)),
    )


def _logins(world: World, people: People, visits: Visits, clients: Clients, client: Ints) -> tuple[Ints, Bools]:
    """Return how each visit stands to the log-in, and which ones open the account."""
    person, dice = visits.person, world.dice
    keys = (person, visits.started_at)
    can = people.has_account[person] & (world.calendar.day_of(visits.started_at) >= people.account_day[person])
    wants = dice.uniform("logs in", *keys) < np.choose(np.minimum(visits.depth, 5), [0.04, 0.18, 0.3, 0.45, 0.6, 0.88])
    wants |= visits.is_tablet | (people.kind[person] == STAFF)
    is_new = can & (people.account_day[person] >= 0)
    is_first_chance = is_new & (np.diff(person * 2 + is_new, prepend=-1) != 0)
    logs = can & (wants | is_first_chance)
    remembers = _remembered(world, visits, clients, client, can, logs)
    stays = can & remembers & (dice.uniform("stays", *keys) < 0.85) & ~visits.is_tablet
    login = np.where(stays, LOGGED_IN, np.where(logs, LOGS_IN, ANONYMOUS))
    return login, is_first_chance & (login == LOGS_IN)


def _remembered(world: World, visits: Visits, clients: Clients, client: Ints, can: Bools, logs: Bools) -> Bools:
    """Return whether the person logged in on this browser before, in the exports or before them."""
    order = np.lexsort((visits.started_at, client, visits.person))
    pair = visits.person[order] * (len(clients) + 1) + client[order]
    begins = np.flatnonzero(np.diff(pair, prepend=-1))
    running: Ints = np.cumsum(logs[order]) - logs[order]
    before: Ints = running - np.repeat(running[begins], np.diff([*begins, len(order)]))
    remembered = np.zeros(len(order), bool)
    remembered[order] = before > 0
    owned = clients.owner[client] == visits.person
    old = clients.first_seen_at[client] < world.calendar.begins_at
    return remembered | (owned & old & (world.dice.uniform("kept log-in", client, client * 0) < 0.6) & can)
