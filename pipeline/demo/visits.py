"""Visits to the web site before anybody decides to buy: spells of interest, newsletter clicks, and strolls."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from pipeline.demo.draws import Bools, Ints
from pipeline.demo.newsletter import Mailing
from pipeline.demo.people import People
from pipeline.demo.wholesale import Deals
from pipeline.demo.world import CHANNELS, DIRECT, DISPLAY, EMAIL, KIND_INDEX, KINDS, STAFF, World

#: Two visits of a person lie at least this far apart, so that neither Google Analytics nor we take them for one.
GAP_SECONDS = 75 * 60
#: Share of longer visits in which the person follows another link into the shop.
_TWICE_SHARE = 0.025
_LONGEST_SPELL = 21


@dataclass
class Spells:
    """Times in which somebody is looking for tea, whatever anybody shows them."""

    person: Ints
    day: Ints
    length: Ints


@dataclass
class Visits:
    """One entry per visit in every array, ordered by person and time."""

    person: Ints
    started_at: Ints
    channel: Ints
    depth: Ints
    """0 leaves at once, 1 looks at a product, 2 at two, 3 fills the cart, 4 opens the checkout, 5 buys."""
    second_channel: Ints
    """Channel of another link followed during the visit; -1 for none."""
    message: Ints
    """Place in the mailing of the message that was clicked; -1 for none."""
    deal: Ints
    """Place of the deal that the visit's inquiry begins; -1 for none."""
    is_tablet: Bools
    """On the tablet in the store."""
    is_purchase_only: Bools
    """Made because the person had decided to buy: it shows a channel and causes nothing."""

    def __len__(self) -> int:
        return len(self.person)

    def taken(self, places: Ints | Bools) -> Visits:
        """Return the visits at some places."""
        return Visits(**{field.name: getattr(self, field.name)[places] for field in fields(self)})


def joined(parts: list[Visits]) -> Visits:
    """Return the visits of all parts, ordered by person and time."""
    together = Visits(**{f.name: np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(Visits)})
    return together.taken(np.lexsort((together.started_at, together.person)))


def visits_of(
    person: Ints,
    started_at: Ints,
    channel: Ints,
    *,
    message: Ints | None = None,
    deal: Ints | None = None,
    tablet: bool = False,
    bought: bool = False,
) -> Visits:
    """Make visits whose depth is not known yet."""
    count = len(person)
    return Visits(
        person=person,
        started_at=started_at,
        channel=channel,
        depth=np.zeros(count, np.int64),
        second_channel=np.full(count, -1, np.int64),
        message=np.full(count, -1, np.int64) if message is None else message,
        deal=np.full(count, -1, np.int64) if deal is None else deal,
        is_tablet=np.full(count, tablet),
        is_purchase_only=np.full(count, bought),
    )


def make_spells(world: World, people: People) -> Spells:
    """Draw when people are looking for tea."""
    rng = world.dice.stream("spells")
    rate = np.array([*(kind.episodes for kind in KINDS), 0.0])[people.kind] * (world.days + 5) / 95
    count = rng.poisson(rate)
    person = np.repeat(np.arange(len(people)), count)
    return Spells(
        person=person,
        day=rng.integers(-5, world.days, len(person)),
        length=np.minimum(2 + rng.geometric(0.16, len(person)), _LONGEST_SPELL),
    )


def make_visits(world: World, people: People, spells: Spells, mailing: Mailing, deals: Deals) -> Visits:
    """Draw the visits that come before any decision to buy."""
    parts = [
        _in_spells(world, people, spells),
        _strolls(world, people, spells),
        _from_newsletter(world, people, mailing),
        _on_tablet(world, people),
        _inquiries(deals),
    ]
    visits = _spaced(world, joined(parts))
    rng = world.dice.stream("depth")
    weights = np.array([0.36, 0.29, 0.19, 0.11, 0.05])
    visits.depth = rng.choice(5, len(visits), p=weights)
    visits.depth = np.where(visits.deal >= 0, np.maximum(visits.depth, 1), visits.depth)
    twice = (visits.depth >= 1) & (rng.random(len(visits)) < _TWICE_SHARE) & ~visits.is_tablet
    other = _drawn(rng, [0 if c.name in ("Direct", "Email") else c.later for c in CHANNELS], len(visits))
    visits.second_channel = np.where(twice & (other != visits.channel), other, -1)
    return visits


def _drawn(rng: np.random.Generator, weights: list[float], count: int) -> Ints:
    chances = np.array(weights)
    return rng.choice(len(weights), count, p=chances / chances.sum()).astype(np.int64)


def _seconds_of_day(rng: np.random.Generator, count: int) -> Ints:
    """Return times of day between seven and a quarter past eleven in the evening, mostly later ones."""
    return ((7 + 16.25 * rng.beta(2.4, 1.9, count)) * 3600).astype(np.int64)


def _in_spells(world: World, people: People, spells: Spells) -> Visits:
    """Let people come back a few times in each spell; retargeting shows itself to those who have been here."""
    rng = world.dice.stream("spell visits")
    count = 1 + rng.poisson(1.15, len(spells.person))
    spell = np.repeat(np.arange(len(count)), count)
    is_first = np.concatenate([[True], spell[1:] != spell[:-1]]) if len(spell) else np.zeros(0, bool)
    place = np.where(is_first, rng.beta(1.0, 2.5, len(spell)), rng.beta(2.2, 1.2, len(spell)))
    day = spells.day[spell] + np.floor(place * spells.length[spell]).astype(np.int64)
    first = _drawn(rng, [c.first for c in CHANNELS], len(spell))
    later = _drawn(rng, [c.later for c in CHANNELS], len(spell))
    # Only somebody who has already come, and is well into the spell, is shown the retargeting banners.
    later = np.where((later == DISPLAY) & (place < 0.45), DIRECT, later)
    started_at = world.calendar.at(day, _seconds_of_day(rng, len(spell)))
    inside = (day >= 0) & (day < world.days) & people.is_web[spells.person[spell]]
    return visits_of(spells.person[spell], started_at, np.where(is_first, first, later)).taken(inside)


def _strolls(world: World, people: People, spells: Spells) -> Visits:
    rng = world.dice.stream("strolls")
    rate = np.array([*(kind.visits for kind in KINDS), 2.0])[people.kind] * world.days / 90
    count = np.where(people.is_web, rng.poisson(rate), 0)
    # Somebody who is known by visits only and never comes is nobody at all.
    only_visits = people.is_web & np.isin(people.kind, [KIND_INDEX["browser"], KIND_INDEX["guest"]])
    unseen = only_visits & (count == 0) & (np.bincount(spells.person, minlength=len(people)) == 0)
    count = np.where(unseen, 1, count)
    person = np.repeat(np.arange(len(people)), count)
    weights = [c.first * 0.6 + c.later * 0.4 if c.name != "Display" else 0.01 for c in CHANNELS]
    channel = np.where(people.kind[person] == STAFF, DIRECT, _drawn(rng, weights, len(person)))
    day = rng.integers(0, world.days, len(person))
    return visits_of(person, world.calendar.at(day, _seconds_of_day(rng, len(person))), channel)


def _from_newsletter(world: World, people: People, mailing: Mailing) -> Visits:
    """Every click on a link to the shop opens it seconds later."""
    message = np.flatnonzero((mailing.clicked_at > 0) & ~mailing.is_offsite & people.is_web[mailing.person])
    channel = np.full(len(message), EMAIL)
    return visits_of(mailing.person[message], mailing.clicked_at[message] + 5, channel, message=message)


def _on_tablet(world: World, people: People) -> Visits:
    """Let account holders look things up on the store's tablet, one after the other, never two within an hour."""
    rng = world.dice.stream("tablet")
    holders = np.flatnonzero(people.has_account & (people.account_day < 0) & (people.kind != STAFF))
    slots = rng.permutation(world.days * 8)
    count = min(64, len(holders) // 3, len(slots) // 2)
    users = np.repeat(rng.choice(holders, count, replace=False), 1 + (np.arange(count) % 3 == 0))
    day, hour = np.divmod(slots[: len(users)], 8)
    started_at = world.calendar.at(day, (10 + hour) * 3600 + rng.integers(0, 900, len(users)))
    return visits_of(users, started_at, np.full(len(users), DIRECT), tablet=True)


def _inquiries(deals: Deals) -> Visits:
    """Let whoever asks for an offer on the web site come to it first."""
    deal = np.flatnonzero(deals.by_web)
    return visits_of(deals.contact[deal], deals.created_at[deal] - 120, deals.channel[deal], deal=deal)


def _spaced(world: World, visits: Visits) -> Visits:
    """Move visits that follow too soon on the one before; what falls off the end did not happen."""
    if not len(visits):
        return visits
    is_first = np.concatenate([[True], visits.person[1:] != visits.person[:-1]])
    starts = np.flatnonzero(is_first)
    index = np.arange(len(visits)) - np.repeat(starts, np.diff([*starts, len(visits)]))
    # One running maximum serves everybody: each person's clock is lifted above the one before.
    lifted = visits.person * 10**9 + (visits.started_at - world.calendar.begins_at) - index * GAP_SECONDS
    run = np.maximum.accumulate(lifted) - visits.person * 10**9 + index * GAP_SECONDS
    visits.started_at = run + world.calendar.begins_at
    return visits.taken(visits.started_at < world.calendar.ends_at - 3600)
