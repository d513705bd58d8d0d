"""The wholesale and catering business: companies, their people, deals and the calls that help to win them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.demo.calendar import DAY_SECONDS
from pipeline.demo.draws import Bools, Floats, Ints
from pipeline.demo.names import SALES_PEOPLE
from pipeline.demo.people import People
from pipeline.demo.world import CHANNEL_INDEX, KIND_INDEX, World

OPEN, WON, LOST = range(3)
STAGES = ("Inquiry", "Tasting booked", "Quote sent", "Agreement sent")
PIPELINES = ("Wholesale", "Catering")
CALL_OUTCOMES = ("Connected", "No answer", "Left voicemail", "Busy")
CONNECTED = 0
#: What one answered call adds to the chance of winning a deal, and the chance without any.
CALL_EFFECT = 0.15
_BASE_CHANCE = 0.33
_MOST_CALLS = 5
#: How an inquiry through the web site comes about.
_INQUIRY_CHANNELS = ("Organic Search", "Direct", "Referral", "Paid Search")


@dataclass
class Deals:
    """One entry per deal in every array."""

    contact: Ints
    """Place of the person among people."""
    company: Ints
    """Number of the company; -1 for a private party."""
    pipeline: Ints
    cents: Ints
    created_at: Ints
    entered_at: Ints
    """When each stage was entered, in columns; 0 for never."""
    closed_at: Ints
    outcome: Ints
    owner: Ints
    by_web: Bools
    """It began with the form on the web site."""
    channel: Ints
    """How the person came to that form."""
    outcome_without_calls: Ints

    def __len__(self) -> int:
        return len(self.contact)


@dataclass
class Calls:
    """One entry per call."""

    deal: Ints
    at: Ints
    outcome: Ints
    seconds: Ints
    is_outbound: Bools

    def __len__(self) -> int:
        return len(self.deal)


@dataclass
class Wholesale:
    """Everything that the CRM knows."""

    contacts: Ints
    """Places of the people who are contacts, in order."""
    company: Ints
    """Their companies; -1 for none."""
    count_companies: int
    deals: Deals
    calls: Calls


def make_wholesale(world: World, people: People) -> Wholesale:
    """Draw companies, deals and calls."""
    contacts = np.flatnonzero(people.kind == KIND_INDEX["wholesale"])
    company = _companies(world, contacts)
    deals = _deals(world, people, contacts, company)
    calls = _calls(world, deals)
    _close(world, deals, calls)
    return Wholesale(
        contacts=contacts,
        company=company,
        count_companies=int(company.max(initial=-1)) + 1,
        deals=deals,
        calls=calls,
    )


def contacts_made_at(world: World, wholesale: Wholesale) -> Ints:
    """Return when each contact's record was made: half of those with a deal were not known before it."""
    contacts, dice, none = wholesale.contacts, world.dice, np.iinfo(np.int64).max
    age = (40 + dice.below("contact age", 500, contacts)) * DAY_SECONDS + dice.below("contact clock", 30_000, contacts)
    first = np.full(int(contacts.max(initial=0)) + 1, none)
    np.minimum.at(first, wholesale.deals.contact, wholesale.deals.created_at)
    is_new = (first[contacts] < none) & (dice.uniform("new contact", contacts) < 0.5)
    return np.where(is_new, first[contacts], world.calendar.begins_at - age)


def _companies(world: World, contacts: Ints) -> Ints:
    """Put one to three neighbours into each company; every sixth person stays private."""
    private = world.dice.uniform("private", contacts) < 0.16
    begins = (world.dice.uniform("next company", contacts) < 0.55) & ~private
    number = np.cumsum(begins) - 1
    return np.where(private | (number < 0), -1, number)


def _deals(world: World, people: People, contacts: Ints, company: Ints) -> Deals:
    rng = world.dice.stream("deals")
    count = rng.poisson(1.25 * (world.days + 25) / 115, len(contacts))
    row = np.repeat(np.arange(len(contacts)), count)
    contact, days = contacts[row], rng.integers(-25, world.days, len(row))
    hours = (9 * 3600 + rng.random(len(row)) * 8 * 3600).astype(np.int64)
    created_at = world.calendar.at(days, hours)
    pipeline = np.where(company[row] < 0, 1, rng.random(len(row)) < 0.12).astype(np.int64)
    dollars = np.where(pipeline == 1, 240 + rng.gamma(2.0, 180, len(row)), 160 + rng.gamma(1.6, 320, len(row)))
    entered = np.zeros((len(row), len(STAGES)), np.int64)
    gaps = (1 + rng.exponential(4.5, (len(row), len(STAGES)))) * DAY_SECONDS
    entered[:, 0] = created_at
    for stage in range(1, len(STAGES)):
        entered[:, stage] = _in_office(world, rng, entered[:, stage - 1] + gaps[:, stage].astype(np.int64))
    by_web = (days > 0) & people.is_web[contact] & (rng.random(len(row)) < 0.55)
    channels = np.array([CHANNEL_INDEX[name] for name in _INQUIRY_CHANNELS])
    return Deals(
        contact=contact,
        company=company[row],
        pipeline=pipeline,
        cents=(np.round(dollars / 5) * 500).astype(np.int64),
        created_at=created_at,
        entered_at=entered,
        closed_at=_in_office(world, rng, entered[:, -1] + gaps[:, 0].astype(np.int64)),
        outcome=np.zeros(len(row), np.int64),
        owner=row % len(SALES_PEOPLE),
        by_web=by_web,
        channel=channels[rng.choice(len(channels), len(row), p=[0.5, 0.25, 0.15, 0.1])],
        outcome_without_calls=np.zeros(len(row), np.int64),
    )


def _in_office(world: World, rng: np.random.Generator, at: Ints) -> Ints:
    """Return a minute of the same day's office hours; of days beyond the calendar, the time as it is."""
    day = world.calendar.day_of(at)
    minute = rng.integers(9 * 60, 17 * 60 + 30, len(at))
    return np.where(day < len(world.calendar.day_starts) - 1, world.calendar.at(day, minute * 60), at // 60 * 60)


def _calls(world: World, deals: Deals) -> Calls:
    """Place calls between the beginning and the end of each deal, in office hours."""
    rng = world.dice.stream("calls")
    deal = np.repeat(np.arange(len(deals)), np.minimum(rng.poisson(1.7, len(deals)), _MOST_CALLS))
    share = rng.random(len(deal))
    raw = deals.created_at[deal] + (share * (deals.closed_at - deals.created_at)[deal]).astype(np.int64)
    at = world.calendar.at(world.calendar.day_of(raw), (9 * 3600 + rng.random(len(deal)) * 8.5 * 3600).astype(np.int64))
    fits = (at > deals.created_at[deal] + 1800) & (at < deals.closed_at[deal] - 1800)
    fits &= (at >= world.calendar.begins_at) & (at < world.calendar.ends_at - 3600)
    outcome = rng.choice(len(CALL_OUTCOMES), len(deal), p=[0.6, 0.22, 0.12, 0.06])
    seconds = np.where(outcome == CONNECTED, 60 + rng.exponential(280, len(deal)), 0).astype(np.int64)
    outbound = rng.random(len(deal)) < 0.8
    return Calls(deal[fits], at[fits] // 60 * 60, outcome[fits], seconds[fits], outbound[fits])


def _close(world: World, deals: Deals, calls: Calls) -> None:
    """Decide every deal by the same throw with its calls and without them, and cut off what lies after the end."""
    answered = np.bincount(calls.deal[calls.outcome == CONNECTED], minlength=len(deals))
    throw: Floats = world.dice.uniform("win", deals.contact, np.arange(len(deals)))
    still_open = deals.closed_at >= world.calendar.ends_at - 3600
    for name, chance in (("outcome", _BASE_CHANCE + CALL_EFFECT * answered), ("outcome_without_calls", _BASE_CHANCE)):
        setattr(deals, name, np.where(still_open, OPEN, np.where(throw < chance, WON, LOST)))
    # Deals lost early stop where they were; a deal won before the exports begin is not in them.
    stopped = (deals.outcome == LOST) & (world.dice.uniform("stopped", deals.contact, np.arange(len(deals))) < 0.5)
    deals.entered_at[stopped, 2:] = 0
    now = world.calendar.ends_at - 3600
    deals.entered_at[deals.entered_at >= now] = 0
    before = (deals.closed_at < world.calendar.begins_at + DAY_SECONDS) & (deals.outcome != OPEN)
    late = world.calendar.at(np.zeros(len(deals), np.int64), 15 * 3600 + 60 * (np.arange(len(deals)) % 120))
    deals.closed_at = np.where(before, late + DAY_SECONDS, deals.closed_at)
