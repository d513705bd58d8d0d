"""The newsletter: who gets which issue, who opens and clicks it, and which machines do so in their place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.demo.draws import Bools, Floats, Ints
from pipeline.demo.people import People
from pipeline.demo.world import World

_THURSDAY = 3
_NEVER = 1 << 60


@dataclass(frozen=True)
class Campaign:
    """One issue, or the automatic welcome."""

    title: str
    subject: str
    utm_campaign: str
    unique_id: str
    sent_at: int
    """UTC second; 0 for an automation, which goes out person by person."""


@dataclass
class Mailing:
    """Everything that happened to every message."""

    campaigns: tuple[Campaign, ...]
    person: Ints
    campaign: Ints
    delivered_at: Ints
    is_bounce: Bools
    opened_at: Ints
    """First opening by a human; 0 for none."""
    clicked_at: Ints
    """First click by a human; 0 for none. Moved to fit the visit it leads to."""
    is_offsite: Bools
    """The click leads to a recipe page elsewhere, not to the shop."""
    clicked_again_at: Ints
    machine_opened_at: Ints
    scanned_at: Ints
    """When a scanner followed every link; 0 for never."""
    unsubscribed_at: Ints
    """When this message made the person leave; 0 for stayed."""

    def __len__(self) -> int:
        return len(self.person)


def make_mailing(world: World, people: People) -> Mailing:
    """Send every issue of the period and let people and machines react."""
    campaigns = _campaigns(world)
    person, campaign, delivered_at = _recipients(world, people, campaigns)
    keys = (person, campaign)
    dice = world.dice
    is_bounce = _bounces(world, people, person, campaign)
    keen = dice.stream("keen").beta(1.6, 2.6, len(people))
    opens = (dice.uniform("open", *keys) < 0.15 + 0.75 * keen[person]) & ~is_bounce
    lag = _lags(world, "open lag", keys)
    opened_at = np.where(opens, delivered_at + lag, 0)
    clicks = opens & (dice.uniform("click", *keys) < 0.03 + 0.30 * keen[person])
    clicked_at = np.where(clicks, opened_at + 8 + dice.below("click lag", 110, *keys), 0)
    again = clicks & (dice.uniform("again", *keys) < 0.08)
    scanner = dice.uniform("scanner", np.arange(len(people))) < 0.06
    prefetch = dice.uniform("prefetch", np.arange(len(people))) < 0.34
    mailing = Mailing(
        campaigns=campaigns,
        person=person,
        campaign=campaign,
        delivered_at=delivered_at,
        is_bounce=is_bounce,
        opened_at=opened_at,
        clicked_at=clicked_at,
        # Who never opens the web shop reads the recipes only.
        is_offsite=clicks & ((dice.uniform("offsite", *keys) < 0.12) | ~people.is_web[person]),
        clicked_again_at=np.where(again, 40 + dice.below("again lag", 160, *keys), 0),
        machine_opened_at=np.where(
            prefetch[person] & ~is_bounce & (dice.uniform("fetched", *keys) < 0.92),
            delivered_at + 30 + dice.below("fetch lag", 3000, *keys),
            0,
        ),
        scanned_at=np.where(scanner[person] & ~is_bounce, delivered_at + 1, 0),
        unsubscribed_at=np.zeros(len(person), np.int64),
    )
    return _without_leavers(world, mailing)


def _campaigns(world: World) -> tuple[Campaign, ...]:
    calendar = world.calendar
    found = []
    subjects = ("What is brewing", "A tea for this week", "From the tasting table", "New leaves are here")
    for number, day in enumerate(calendar.weekday_days(_THURSDAY), 1):
        sent = int(calendar.at(np.array(day), np.array(10 * 3600)))
        issued = calendar.date_of(int(day)).isoformat()
        found.append(
            Campaign(
                title=f"Weekly Leaf {number:02d}",
                subject=f"{subjects[number % len(subjects)]}, {issued}",
                utm_campaign=f"weekly-leaf-{issued}" if number % 5 else f"Weekly Leaf {issued}",
                unique_id=_unique_id(world, number),
                sent_at=sent,
            )
        )
    found.append(Campaign("Welcome to the tea table", "Your first cup", "welcome", _unique_id(world, 0), 0))
    return tuple(found)


def _unique_id(world: World, number: int) -> str:
    return f"{int(world.dice.bits('campaign', number)[0]) >> 24:010x}"


def _recipients(world: World, people: People, campaigns: tuple[Campaign, ...]) -> tuple[Ints, Ints, Ints]:
    """Return person, campaign and delivery time of every message, as if nobody ever left."""
    readers = np.flatnonzero(people.is_subscriber)
    joined_at = _joined_at(world, people, readers)
    sent = np.array([c.sent_at for c in campaigns], np.int64)
    wanted = (sent[None, :] > joined_at[:, None]) & (sent[None, :] > 0)
    row, campaign = np.nonzero(wanted)
    welcomed = np.flatnonzero((joined_at >= world.calendar.begins_at) & (joined_at < world.calendar.ends_at - 7200))
    person = np.concatenate([readers[row], readers[welcomed]])
    campaign = np.concatenate([campaign, np.full(len(welcomed), len(campaigns) - 1)])
    spread = 2 + world.dice.below("delivery", 55, person, campaign)
    at = np.concatenate([sent[campaign[: len(row)]], joined_at[welcomed] + 3600]) + spread
    return person, campaign, at


def _joined_at(world: World, people: People, readers: Ints) -> Ints:
    day = np.floor(people.subscribed_day[readers]).astype(np.int64)
    second = (people.subscribed_day[readers] % 1 * 14 * 3600).astype(np.int64) + 8 * 3600
    return world.calendar.at(day, second)


def joined_at(world: World, people: People) -> Ints:
    """Return when everybody subscribed; 0 for those who did not."""
    found = np.zeros(len(people), np.int64)
    readers = np.flatnonzero(people.is_subscriber)
    found[readers] = _joined_at(world, people, readers)
    return found


def _bounces(world: World, people: People, person: Ints, campaign: Ints) -> Bools:
    """Dead addresses bounce on the first issue of the period."""
    dead = world.dice.uniform("dead", np.arange(len(people))) < 0.012
    first = np.full(len(people), _NEVER)
    np.minimum.at(first, person, campaign)
    return dead[person] & (campaign == first[person])


def _lags(world: World, purpose: str, keys: tuple[Ints, Ints]) -> Ints:
    """Return seconds until a message is opened: most within hours, a few after days."""
    spread: Floats = -np.log1p(-world.dice.uniform(purpose, *keys))
    return (120 + spread**1.6 * 4.5 * 3600).clip(max=6 * 86400).astype(np.int64)


def _without_leavers(world: World, mailing: Mailing) -> Mailing:
    """Drop the messages after the one that made a person leave, or that came back dead."""
    opened = mailing.opened_at > 0
    leaves = opened & (world.dice.uniform("leave", mailing.person, mailing.campaign) < 0.012)
    last = np.full(int(mailing.person.max(initial=0)) + 1, _NEVER)
    np.minimum.at(last, mailing.person[leaves | mailing.is_bounce], mailing.delivered_at[leaves | mailing.is_bounce])
    keep = mailing.delivered_at <= last[mailing.person]
    mailing.unsubscribed_at = np.where(leaves, mailing.opened_at + 45, 0)
    late = mailing.opened_at >= world.calendar.ends_at - 3600
    for name in ("opened_at", "clicked_at", "clicked_again_at", "unsubscribed_at"):
        getattr(mailing, name)[late] = 0
    mailing.is_offsite &= mailing.clicked_at > 0
    fields = {name: value[keep] for name, value in vars(mailing).items() if isinstance(value, np.ndarray)}
    return Mailing(campaigns=mailing.campaigns, **fields)
