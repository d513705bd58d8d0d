"""Visits written out as the events that Google Analytics records."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from pipeline.demo.devices import LOGGED_IN, LOGS_IN, Clients, Trails
from pipeline.demo.draws import Bools, Ints
from pipeline.demo.newsletter import Mailing
from pipeline.demo.orders import Bought
from pipeline.demo.people import People
from pipeline.demo.steps import AGAIN_STEP, LOGIN_STEPS, STEPS, timed
from pipeline.demo.world import EMAIL, MAIL_LINKS, PRODUCTS, World, choice_of_tags

_LANDINGS = (
    "/", "/collections/green-tea", "/collections/black-tea", "/collections/herbal", "/pages/brewing-guide", "",
    "/collections/gifts",
)  # fmt: skip
COLLECTIONS = ("green-tea", "black-tea", "oolong", "herbal", "teaware", "gifts")
_PAID_ELSEWHERE = 0.02


@dataclass
class Site:
    """All that is needed to write down the traffic of the web site."""

    world: World
    people: People
    bought: Bought
    clients: Clients
    trails: Trails
    mailing: Mailing
    tag: Ints
    """Per visit, the way it appears in the export."""
    second_tag: Ints
    order: Ints
    """Per visit, the place of the order made in it; -1 for none."""


@dataclass
class Events:
    """One entry per event."""

    visit: Ints
    step: Ints
    event_us: Ints
    is_known: Bools
    """It carries the id of the account."""


def make_site(world: World, people: People, bought: Bought, clients: Clients, trails: Trails, mailing: Mailing) -> Site:
    """Settle how each visit is tagged and which order it holds."""
    visits = bought.visits
    order = np.full(len(visits), -1, np.int64)
    web = np.flatnonzero(bought.orders.visit >= 0)
    order[bought.orders.visit[web]] = web
    tag = _tags(world, visits.person, visits.started_at, visits.channel, "tag")
    mailed = visits.message >= 0
    tag[mailed] = mail_tags(world, mailing.campaign[visits.message[mailed]])
    second = _tags(world, visits.person, visits.started_at, np.maximum(visits.second_channel, 0), "second tag")
    return Site(
        world, people, bought, clients, trails, mailing, tag, np.where(visits.second_channel >= 0, second, -1), order
    )


def mail_tags(world: World, campaign: Ints) -> Ints:
    """Return how the links of each issue are tagged: the same in every copy of it."""
    tags, weights = choice_of_tags()[EMAIL]
    return tags[world.dice.among("issue tag", weights, campaign)]


def mail_links(world: World, person: Ints, campaign: Ints) -> Ints:
    """Return which link of an issue each person clicks first."""
    return world.dice.among("mail link", np.array([0.5, 0.3, 0.2]), person, campaign)


def _tags(world: World, person: Ints, started_at: Ints, channel: Ints, purpose: str) -> Ints:
    found = np.zeros(len(person), np.int64)
    for number, (tags, weights) in choice_of_tags().items():
        mine = np.flatnonzero(channel == number)
        found[mine] = tags[world.dice.among(purpose, weights, person[mine], started_at[mine])]
    return found


def visit_rows(site: Site, chosen: Ints) -> pa.Table:
    """Return what the chosen visits have in common for all their events."""
    world, visits, trails, clients = site.world, site.bought.visits, site.trails, site.clients
    person, started_at, client = visits.person[chosen], visits.started_at[chosen], trails.client[chosen]
    keys = (person, started_at)
    weights = np.array([product.weight for product in PRODUCTS])
    order = site.order[chosen]
    product = world.dice.among("looks at", weights, *keys)
    first_line = site.bought.baskets.product[np.maximum(order, 0), 0] if len(site.bought.orders) else product
    landing = world.dice.among("landing", np.array([0.3, 0.14, 0.1, 0.08, 0.12, 0.2, 0.06]), *keys)
    mailed = visits.message[chosen]
    link = np.array(MAIL_LINKS, object)[mail_links(world, person, site.mailing.campaign[mailed])]
    campaigns = np.array([*(c.utm_campaign for c in site.mailing.campaigns), ""], object)
    return pa.table(
        {
            "visit": chosen,
            "person": person,
            "started_at": started_at,
            "client_number": clients.number[client],
            "first_seen_at": clients.first_seen_at[client],
            "device": clients.device[client],
            "session_number": trails.session_number[chosen],
            "has_ids": trails.has_ids[chosen],
            "login": trails.login[chosen],
            "tag": site.tag[chosen],
            "second_tag": site.second_tag[chosen],
            "first_tag": world.dice.below("first tag", 18, clients.number[client], clients.first_seen_at[client]),
            "issue": pa.array(campaigns[np.where(mailed >= 0, site.mailing.campaign[mailed], -1)], pa.string()),
            "region": site.people.region[person],
            "product": np.where(order >= 0, first_line, product),
            "product_2": world.dice.among("looks at too", weights, *keys),
            "landing": pa.array(np.where(mailed >= 0, link, np.array(_LANDINGS, object)[landing]), pa.string()),
            "collection": pa.array(
                np.array(COLLECTIONS, object)[world.dice.below("collection", len(COLLECTIONS), *keys)], pa.string()
            ),
            "lucky": world.dice.below("lucky", 1000, *keys),
            "order_place": order,
        }
    )


def event_rows(site: Site, chosen: Ints) -> Events:
    """Return the events of the chosen visits."""
    world, visits, trails = site.world, site.bought.visits.taken(chosen), site.trails
    has, offset = timed(world, visits)
    login, order = trails.login[chosen], site.order[chosen]
    # One more than there are orders, so that "no order" has a place to point at.
    reports = np.append(site.bought.orders.reports, 0)[order]
    is_sign_up = trails.is_sign_up[chosen]
    needs = {
        "is_first": trails.is_first[chosen],
        "signs_up": is_sign_up,
        "logs_in": (login == LOGS_IN) & ~is_sign_up,
        "pays_elsewhere": pays_elsewhere(world, visits.person, visits.started_at),
        "is_reported": reports >= 1,
        "is_reported_twice": reports >= 2,
        "asks_for_offer": visits.deal >= 0,
    }
    for number, step in enumerate(STEPS):
        if step.needs:
            has[:, number] &= needs[step.needs]
    row, place = np.nonzero(has)
    known = (login[row] == LOGGED_IN) | ((login[row] == LOGS_IN) & (place >= min(LOGIN_STEPS)))
    return Events(
        visit=chosen[row],
        step=place,
        event_us=visits.started_at[row] * 1_000_000 + offset[row, place],
        is_known=known & trails.has_ids[chosen][row],
    )


def pays_elsewhere(world: World, person: Ints, started_at: Ints) -> Bools:
    """Return in which visits a payment provider's page lies between checkout and thanks."""
    return world.dice.uniform("pays elsewhere", person, started_at) < _PAID_ELSEWHERE


def second_touches(site: Site) -> tuple[Ints, Ints]:
    """Return the visits that go on under a second source, and the microsecond from which they do."""
    chosen = np.flatnonzero(site.second_tag >= 0)
    has, offset = timed(site.world, site.bought.visits.taken(chosen))
    really = has[:, AGAIN_STEP]
    at = site.bought.visits.started_at[chosen] * 1_000_000 + offset[:, AGAIN_STEP]
    return chosen[really], at[really]
