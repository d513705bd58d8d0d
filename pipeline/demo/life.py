"""The business lives: who came, what reached them, what they bought. Nothing is written down yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from pipeline.demo.crm import Mail, make_mail
from pipeline.demo.devices import Clients, Trails, make_trails
from pipeline.demo.newsletter import Mailing, make_mailing
from pipeline.demo.orders import Bought, realise
from pipeline.demo.people import People, make_people
from pipeline.demo.purchases import Decisions, Exposures, decide
from pipeline.demo.steps import INQUIRY_STEP, timed
from pipeline.demo.visits import Visits, make_spells, make_visits
from pipeline.demo.wholesale import Wholesale, make_wholesale
from pipeline.demo.world import EMAIL, World

START = date(2026, 8, 1)


@dataclass
class Life:
    """Everything that happened, before anything is written down."""

    world: World
    people: People
    mailing: Mailing
    wholesale: Wholesale
    mail: Mail
    decisions: Decisions
    exposures: Exposures
    bought: Bought
    clients: Clients
    trails: Trails


def live(people: int, days: int, seed: int, start: date = START) -> Life:
    """Let the business live for some days."""
    world = World(people, days, seed, start)
    everybody = make_people(world)
    mailing = make_mailing(world, everybody)
    wholesale = make_wholesale(world, everybody)
    spells = make_spells(world, everybody)
    visits = make_visits(world, everybody, spells, mailing, wholesale.deals)
    _follow(world, visits, mailing, wholesale)
    exposures = _exposures(world, visits, mailing)
    decisions = decide(world, everybody, spells, exposures)
    bought = realise(world, everybody, visits, *decisions.of(0))
    clients, trails = make_trails(world, everybody, bought.visits)
    mail = make_mail(world, wholesale)
    return Life(world, everybody, mailing, wholesale, mail, decisions, exposures, bought, clients, trails)


def _follow(world: World, visits: Visits, mailing: Mailing, wholesale: Wholesale) -> None:
    """Move clicks and inquiries to the visits they led to or were made in, once those stand still."""
    clicked = np.flatnonzero(visits.message >= 0)
    message = visits.message[clicked]
    lag = 2 + world.dice.below("page opens", 12, visits.person[clicked], visits.started_at[clicked])
    mailing.clicked_at[message] = visits.started_at[clicked] - lag
    late = mailing.opened_at > mailing.clicked_at - 5
    mailing.opened_at = np.where((mailing.clicked_at > 0) & late, mailing.clicked_at - 5, mailing.opened_at)
    asked = np.flatnonzero(visits.deal >= 0)
    deal = visits.deal[asked]
    _, offset = timed(world, visits.taken(asked))
    wholesale.deals.by_web[:] = False
    wholesale.deals.by_web[deal] = True
    wholesale.deals.created_at[deal] = visits.started_at[asked] + offset[:, INQUIRY_STEP] // 1_000_000
    wholesale.deals.entered_at[deal, 0] = wholesale.deals.created_at[deal]


def _exposures(world: World, visits: Visits, mailing: Mailing) -> Exposures:
    """Return every contact that may have an effect: visits, second links, and clicks that lead elsewhere."""
    twice = visits.second_channel >= 0
    off = mailing.is_offsite & (mailing.clicked_at > 0)
    at = np.concatenate([visits.started_at, visits.started_at[twice], mailing.clicked_at[off]])
    day = world.calendar.day_of(at)
    inside = (day >= 0) & (day < world.days)
    return Exposures(
        person=np.concatenate([visits.person, visits.person[twice], mailing.person[off]])[inside],
        day=day[inside],
        channel=np.concatenate([visits.channel, visits.second_channel[twice], np.full(off.sum(), EMAIL)])[inside],
    )
