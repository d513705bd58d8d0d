"""A hold-out: AdNorth shows its banners to half of those whose address the shop knows, chosen by chance.

Banners cause nothing in this world, so the true difference between the halves is zero to the last order, and no other
file changes. Whoever came by a banner in the four weeks is in neither half: nobody who was held out is seen to come
by one. Which half somebody is in is thrown after that, with dice of its own.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from pipeline.demo.draws import Bools, Ints
from pipeline.demo.events import Site
from pipeline.demo.life import Life
from pipeline.demo.statements import statement
from pipeline.demo.world import CHANNELS, DISPLAY, STAFF
from pipeline.demo.write import Files
from pipeline.warehouse import Warehouse

WINDOW_DAYS = 28
_HOUR = 3600
_HELD_OUT_SHARE = 0.5


def write_holdout(life: Life, site: Site, warehouse: Warehouse, files: Files) -> None:
    """Write who was put into which half, and the truth about it; the tables of the till and of readers are there."""
    world, people = life.world, life.people
    day = world.days * 2 // 5
    at = int(world.calendar.at(np.array(day), np.array(6 * _HOUR)))
    person = np.flatnonzero((people.kind != STAFF) & ~_came_by_banner(site, at))
    table = {
        "person": person,
        "is_held_out": world.dice.uniform("hold-out", person) < _HELD_OUT_SHARE,
        "orders": _orders(life, 0, day)[person],
        "orders_without": _orders(life, DISPLAY + 1, day)[person],
    }
    with warehouse.given(pa.table(table), "given_halves"):
        warehouse.create("private.halves", statement("holdout_halves", assigned_at=str(at)))
    files.lines(
        f"data/raw/ads/AdNorth list split {world.calendar.date_of(day)}.csv",
        statement("holdout_lines"),
        "List,Email,Group,Assigned at",
    )
    files.table("truth/experiments.parquet", statement("truth_experiments", channel=f"'{CHANNELS[DISPLAY].name}'"))


def _came_by_banner(site: Site, at: int) -> Bools:
    """Return who came by a banner in the four weeks from a moment on."""
    visits = site.bought.visits
    by_banner = (visits.channel == DISPLAY) | (visits.second_channel == DISPLAY)
    inside = (visits.started_at >= at) & (visits.started_at < at + WINDOW_DAYS * 24 * _HOUR)
    came = np.zeros(len(site.people), bool)
    came[visits.person[by_banner & inside]] = True
    return came


def _orders(life: Life, world: int, day: int) -> Ints:
    """Return how often everybody decides to buy in the four weeks, in one of the worlds."""
    person, decided = life.decisions.of(world)
    inside = (decided >= day) & (decided < day + WINDOW_DAYS)
    return np.bincount(person[inside], minlength=len(life.people)).astype(np.int64)
