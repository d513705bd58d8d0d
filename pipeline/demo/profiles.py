"""The till's customer directory: who has a record there, and which record a sale is rung up on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.demo.calendar import DAY_SECONDS
from pipeline.demo.draws import Bools, Ints
from pipeline.demo.orders import CASH, STORE, Bought
from pipeline.demo.people import People
from pipeline.demo.world import KIND_INDEX, STAFF, World

_RECORDS_EACH = 64
SHARED_MAILBOX = "info@example.net"


@dataclass
class Profiles:
    """One entry per record of the directory, and per order the record it is on."""

    person: Ints
    has_mail: Bools
    has_phone: Bools
    has_name: Bools
    is_instant: Bools
    has_loyalty: Bools
    uses_shared_mailbox: Bools
    mail_style: Ints
    phone_style: Ints
    created_at: Ints
    of_order: Ints
    """Place of each order's record; -1 for none."""

    def __len__(self) -> int:
        return len(self.person)


def make_profiles(world: World, people: People, bought: Bought) -> Profiles:
    """Give records to members, and to everybody whom the shop or a card makes known."""
    members = np.flatnonzero(people.kind == KIND_INDEX["member"])
    of_order = _record_of_order(world, people, bought)
    keys = np.unique(np.concatenate([of_order[of_order >= 0], members * _RECORDS_EACH]))
    person = keys // _RECORDS_EACH
    kind, dice = people.kind[person], world.dice
    member, instant = kind == KIND_INDEX["member"], kind == KIND_INDEX["card"]
    has_phone = people.has_phone[person] & ~instant & (member | (dice.uniform("till phone", keys) < 0.5))
    shared = _share_a_mailbox(world, people, keys, person)
    first = np.full(len(keys), np.iinfo(np.int64).max)
    known = of_order >= 0
    place = np.searchsorted(keys, of_order[known])
    np.minimum.at(first, place, bought.orders.booked_at[known])
    age = (20 + dice.below("member since", 700, keys)) * DAY_SECONDS
    found = np.full(len(of_order), -1, np.int64)
    found[known] = place
    return Profiles(
        person=person,
        has_mail=~instant & (~member | shared | ~has_phone | (dice.uniform("till mail", keys) < 0.82)),
        has_phone=has_phone,
        has_name=~instant,
        is_instant=instant,
        has_loyalty=member & (dice.uniform("loyalty", keys) < 0.6),
        uses_shared_mailbox=shared,
        mail_style=dice.among("mail style", np.array([0.62, 0.18, 0.08, 0.06, 0.06]), keys),
        phone_style=dice.below("phone style", 6, keys),
        created_at=np.where(member, world.calendar.begins_at - age, first),
        of_order=found,
    )


def _record_of_order(world: World, people: People, bought: Bought) -> Ints:
    """Return the key of the record each order is on; -1 for none."""
    orders, dice = bought.orders, world.dice
    person, kind = orders.person, people.kind[orders.person]
    keys = (person, orders.day)
    in_store = orders.place == STORE
    known = np.where(
        kind == KIND_INDEX["member"],
        dice.uniform("shows card", *keys) < np.where(orders.tender == CASH, 0.6, 0.95),
        (orders.tender != CASH) & ((kind == KIND_INDEX["card"]) | (dice.uniform("card known", *keys) < 0.7)),
    )
    # Some guests who come again leave their address as if for the first time, and get another record.
    guest = ~in_store & ~people.has_account[person] & (kind != STAFF)
    order = np.lexsort((orders.ordered_us, person))
    is_first = np.diff(person[order], prepend=-1) != 0
    again = (guest & (dice.uniform("new record", *keys) < 0.15))[order] & ~is_first
    running = np.cumsum(again)
    number = np.empty(len(order), np.int64)
    begins = np.flatnonzero(is_first)
    number[order] = running - np.repeat(running[begins], np.diff([*begins, len(order)]))
    record = person * _RECORDS_EACH + np.where(guest, np.minimum(number, _RECORDS_EACH - 1), 0)
    return np.where(~in_store | known, record, -1)


def _share_a_mailbox(world: World, people: People, keys: Ints, person: Ints) -> Bools:
    """Let a few members who have no account give the address of the office they work in."""
    could = np.flatnonzero((people.kind[person] == KIND_INDEX["member"]) & ~people.has_account[person])
    shared = np.zeros(len(keys), bool)
    shared[could[: max(3, len(could) // 60)]] = True
    return shared
