"""Who the people are: what kind, how they buy, what they can be recognised by."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.demo.draws import Bools, Floats, Ints
from pipeline.demo.names import DOMAINS, FIRST_NAMES, HOME_AREA_CODES, LAST_NAMES, REGIONS
from pipeline.demo.world import KINDS, STAFF, World

#: Area codes times the hundred numbers 555-0100 to 555-0199 that stand for nobody.
_AREA_CODES = (*HOME_AREA_CODES, *(c for c in range(201, 1000) if c % 100 != 11 and c not in HOME_AREA_CODES))
COUNT_PHONES = 100 * len(_AREA_CODES)


@dataclass
class People:
    """One entry per person in every array; the person's number is the place plus one."""

    kind: Ints
    orders_a_day: Floats
    store_share: Floats
    is_web: Bools
    has_account: Bools
    account_day: Ints
    """Day from which the account can be logged in to; before 0 when it is older than the exports."""
    is_subscriber: Bools
    subscribed_day: Floats
    is_blocker: Bools
    """Runs a blocker: no visit reaches Google Analytics."""
    is_denied: Bools
    """Refused consent: events without browser or session id."""
    has_two_devices: Bools
    churn_day: Ints
    """Day on which the cookies were cleared; beyond the end for most."""
    first_name: Ints
    last_name: Ints
    domain: Ints
    name_number: Ints
    """Added to the address of the second and later person of the same name."""
    has_phone: Bools
    phone_area: Ints
    phone_line: Ints
    region: Ints
    device: Ints
    shares_device_with: Ints
    """Place of the person whose computer this one uses; -1 for nobody's."""
    has_other_mail: Bools
    """Subscribed to the newsletter under another address than the one given to the shop."""

    def __len__(self) -> int:
        return len(self.kind)


def make_people(world: World) -> People:
    """Draw everybody's traits."""
    count, rng = world.count_people, world.dice.stream("people")
    ids = np.arange(count, dtype=np.int64)
    kind = _kinds(world, rng)
    table = {
        field: np.array([*(getattr(k, field) for k in KINDS), 0.0])[kind]
        for field in ("orders", "store_share", "web_share", "account_share", "subscriber_share")
    }
    is_web = (rng.random(count) < table["web_share"]) | (kind == STAFF)
    has_account = is_web & ((rng.random(count) < table["account_share"]) | (kind == STAFF))
    # A third of the accounts are opened while we watch, so that anonymous visitors turn into somebody.
    opened = rng.integers(0, max(1, int(world.days * 0.9)), count)
    account_day = np.where(rng.random(count) < 0.62, -rng.integers(1, 900, count), opened)
    subscribed = np.where(
        rng.random(count) < 0.75, -rng.uniform(1, 700, count), rng.uniform(0, world.days * 0.9, count)
    )
    names = len(FIRST_NAMES) * len(LAST_NAMES) * len(DOMAINS)
    # 7919 is prime, so the first 14,400 people have different names, in no order.
    shuffled = (ids * 7919 + int(world.dice.below("names", names, 0)[0])) % names
    churn_day = np.where(rng.random(count) < 0.07, rng.integers(5, max(6, world.days), count), world.days + 9)
    people = People(
        kind=kind,
        orders_a_day=table["orders"] / 90 * rng.gamma(1.3, 1 / 1.3, count),
        store_share=table["store_share"],
        is_web=is_web,
        has_account=has_account,
        account_day=account_day,
        is_subscriber=(rng.random(count) < table["subscriber_share"]) & (kind != STAFF),
        subscribed_day=subscribed,
        is_blocker=rng.random(count) < 0.05,
        is_denied=rng.random(count) < 0.04,
        has_two_devices=rng.random(count) < np.where(has_account, 0.32, 0.08),
        churn_day=churn_day,
        first_name=shuffled % len(FIRST_NAMES),
        last_name=shuffled // len(FIRST_NAMES) % len(LAST_NAMES),
        domain=shuffled // (len(FIRST_NAMES) * len(LAST_NAMES)),
        name_number=ids // names,
        has_phone=np.zeros(count, bool),
        phone_area=np.zeros(count, np.int64),
        phone_line=np.zeros(count, np.int64),
        region=np.minimum(rng.geometric(0.28, count) - 1, len(REGIONS) - 1),
        device=rng.choice(5, count, p=[0.30, 0.14, 0.30, 0.22, 0.04]),
        shares_device_with=np.full(count, -1, np.int64),
        has_other_mail=rng.random(count) < 0.015,
    )
    people.is_blocker &= kind != STAFF
    people.is_denied &= ~people.is_blocker & (kind != STAFF)
    _give_phones(world, people, rng)
    _make_households(world, people, rng)
    return people


def _kinds(world: World, rng: np.random.Generator) -> Ints:
    shares = np.array([kind.share for kind in KINDS])
    kind = rng.choice(len(KINDS), world.count_people, p=shares / shares.sum())
    kind[-world.count_staff :] = STAFF
    return kind.astype(np.int64)


def _give_phones(world: World, people: People, rng: np.random.Generator) -> None:
    """Give those who could leave a number one that nobody else has, as long as there are numbers."""
    leaves = (people.has_account | np.isin(people.kind, [3, 7])) & (rng.random(len(people)) < 0.65)
    holders = np.flatnonzero(leaves & (people.kind != STAFF))[:COUNT_PHONES]
    area, line = np.divmod(np.arange(len(holders)), 100)
    if len(holders) < COUNT_PHONES // 8:
        # Few people live near one another: spread them over the home codes before going further.
        line, area = np.divmod(np.arange(len(holders)), max(len(HOME_AREA_CODES), -(-len(holders) // 100)))
    people.has_phone[holders] = True
    people.phone_area[holders] = np.array(_AREA_CODES)[area]
    people.phone_line[holders] = line


def _make_households(world: World, people: People, rng: np.random.Generator) -> None:
    """Let a few account holders share a computer or a telephone with the next one."""
    holders = np.flatnonzero(people.has_account & (people.kind != STAFF) & ~people.is_blocker & ~people.is_denied)
    pairs = holders[: len(holders) // 2 * 2].reshape(-1, 2)
    rng.shuffle(pairs)
    together = pairs[: max(1, round(len(pairs) * 0.008))]
    people.shares_device_with[together[:, 1]] = together[:, 0]
    people.has_two_devices[together.ravel()] = False
    people.churn_day[together.ravel()] = world.days + 9
    called = pairs[len(together) : len(together) + max(1, round(len(pairs) * 0.002))]
    both = called[people.has_phone[called[:, 0]]] if len(called) else called
    people.has_phone[both[:, 1]] = True
    people.phone_area[both[:, 1]] = people.phone_area[both[:, 0]]
    people.phone_line[both[:, 1]] = people.phone_line[both[:, 0]]
