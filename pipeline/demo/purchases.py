"""Who decides to buy on which day, in this world and in those where one channel does nothing.

Every world is lived with the same dice: the same spells of interest, the same contacts, the same throw per person and
day. What a channel causes is the difference between the world as it is and the world in which the channel has no
effect; a channel whose effect is zero changes nothing, to the last order.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.demo.draws import Floats, Ints
from pipeline.demo.people import People
from pipeline.demo.visits import Spells
from pipeline.demo.world import APPETITE, CHANNELS, World

_CHUNK = 50_000
#: After a purchase the shelf is full: the appetite falls to this part and comes back over some weeks.
_SATED = 0.12
_RECOVERY_DAYS = 16.0
_OUTSIDE_SPELLS = 0.45
_PEAK = 7.0


@dataclass
class Exposures:
    """Contacts that may have an effect, in no order."""

    person: Ints
    day: Ints
    channel: Ints


@dataclass
class Decisions:
    """Days on which people decide to buy, per world: world 0 is the real one, world c + 1 lacks channel c."""

    world: Ints
    person: Ints
    day: Ints

    def of(self, world: int) -> tuple[Ints, Ints]:
        """Return person and day of one world's decisions, ordered by both."""
        mine = self.world == world
        order = np.lexsort((self.day[mine], self.person[mine]))
        return self.person[mine][order], self.day[mine][order]


def decide(world: World, people: People, spells: Spells, exposures: Exposures) -> Decisions:
    """Live through the days in every world at once."""
    parts = []
    # Sorted once, so that each chunk of people is one slice.
    order = np.lexsort((exposures.day, exposures.person))
    seen = Exposures(exposures.person[order], exposures.day[order], exposures.channel[order])
    buyers = np.flatnonzero(people.orders_a_day > 0)
    for number, begin in enumerate(range(0, len(buyers), _CHUNK)):
        chosen = buyers[begin : begin + _CHUNK]
        parts.append(_live(world, number, chosen, people.orders_a_day[chosen], spells, seen))
    if not parts:
        return Decisions(*(np.zeros(0, np.int64) for _ in range(3)))
    return Decisions(*(np.concatenate([getattr(part, name) for part in parts]) for name in ("world", "person", "day")))


def _live(world: World, part: int, chosen: Ints, base: Floats, spells: Spells, seen: Exposures) -> Decisions:
    """Live through the days with some of the people."""
    count, channels = len(chosen), len(CHANNELS)
    effects = np.array([channel.effect for channel in CHANNELS], np.float32)
    decay = np.array([0.5 ** (1 / channel.half_life_days) for channel in CHANNELS], np.float32)[:, None]
    rng = world.dice.stream("decisions", part)
    need = _need(world, chosen, spells)
    by_day = _by_day(world, chosen, seen)
    rate = (APPETITE * base).astype(np.float32)
    memory = np.zeros((channels, count), np.float32)
    ready = np.ones((channels + 1, count), np.float32)
    linear = np.empty((channels + 1, count), np.float32)
    found: list[tuple[Ints, Ints, int]] = []
    for day in range(world.days):
        memory *= decay
        who, which = by_day[day]
        memory[which, who] = 1.0
        parts = memory * effects[:, None]
        linear[0] = parts.sum(axis=0)
        np.subtract(linear[0], parts, out=linear[1:])
        hazard = np.exp(linear)
        hazard *= ready
        hazard *= rate * need[day]
        dice = rng.random(count, np.float32)
        ready += (1 - ready) / np.float32(_RECOVERY_DAYS)
        # 1 - exp(-h) stays a probability however large the hazard; comparing -log(1 - u) saves its exponential.
        buys = hazard > -np.log1p(-dice)
        ready[buys] = _SATED
        worlds, who = np.nonzero(buys)
        found.append((worlds, who, day))
    return Decisions(
        world=np.concatenate([worlds for worlds, _, _ in found]),
        person=chosen[np.concatenate([people for _, people, _ in found])],
        day=np.concatenate([np.full(len(people), day, np.int64) for _, people, day in found]),
    )


def _need(world: World, chosen: Ints, spells: Spells) -> np.ndarray:
    """Return how much each of the people wants tea on each day: more and more as a spell goes on."""
    need = np.full((world.days, len(chosen)), _OUTSIDE_SPELLS, np.float32)
    place = np.full(int(max(chosen.max(), spells.person.max(initial=0))) + 1, -1, np.int64)
    place[chosen] = np.arange(len(chosen))
    mine = place[spells.person] >= 0
    person, first, length = place[spells.person[mine]], spells.day[mine], spells.length[mine]
    for step in range(int(length.max(initial=0))):
        day = first + step
        inside = (step < length) & (day >= 0) & (day < world.days)
        progress = (step + 1) / length[inside]
        wanted = (1 + _PEAK * progress**2).astype(np.float32)
        np.maximum.at(need, (day[inside], person[inside]), wanted)
    return need


def _by_day(world: World, chosen: Ints, seen: Exposures) -> list[tuple[Ints, Ints]]:
    """Return, per day, the places of the people contacted and the channels."""
    begin, end = np.searchsorted(seen.person, [chosen[0], chosen[-1] + 1])
    person = np.searchsorted(chosen, seen.person[begin:end])
    fits = (person < len(chosen)) & (chosen[np.minimum(person, len(chosen) - 1)] == seen.person[begin:end])
    day, channel = seen.day[begin:end][fits], seen.channel[begin:end][fits]
    person = person[fits]
    order = np.argsort(day, kind="stable")
    edges = np.searchsorted(day[order], np.arange(world.days + 1))
    return [
        (person[order[edges[d] : edges[d + 1]]], channel[order[edges[d] : edges[d + 1]]]) for d in range(world.days)
    ]
