"""What people do within a visit: the steps that Google Analytics reports as events, and their seconds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.demo.draws import Bools, Ints
from pipeline.demo.visits import Visits
from pipeline.demo.world import World


@dataclass(frozen=True)
class Step:
    """One event that a visit may hold."""

    event: str
    page: str
    depth: int = 0
    """Shallowest visit that has it."""
    chance: float = 1.0
    seconds: int = 0
    """About how long after the step before."""
    needs: str = ""
    """What the visit must have besides depth."""


STEPS: tuple[Step, ...] = (
    Step("first_visit", "landing", needs="is_first"),
    Step("session_start", "landing"),
    Step("page_view", "landing"),
    Step("scroll", "landing", chance=0.28, seconds=9),
    Step("user_engagement", "landing", chance=0.35, seconds=12),
    Step("page_view", "collection", 1, 0.55, 14),
    Step("view_search_results", "search", 1, 0.12, 15),
    Step("page_view", "product", 1, seconds=14),
    Step("view_item", "product", 1),
    Step("scroll", "product", 1, 0.22, 11),
    Step("page_view", "again", 1, seconds=240),
    Step("page_view", "product_2", 2, 0.65, 30),
    Step("view_item", "product_2", 2, 0.65),
    Step("add_to_cart", "product", 3, seconds=20),
    Step("page_view", "cart", 3, seconds=6),
    Step("sign_up", "account", seconds=35, needs="signs_up"),
    Step("login", "account", seconds=25, needs="logs_in"),
    Step("page_view", "checkout", 4, seconds=10),
    Step("begin_checkout", "checkout", 4),
    Step("add_payment_info", "checkout", 5, seconds=70),
    Step("page_view", "payment_return", 5, seconds=40, needs="pays_elsewhere"),
    Step("purchase", "thanks", 5, seconds=25, needs="is_reported"),
    Step("page_view", "thanks", 5),
    Step("purchase", "thanks", 5, seconds=400, needs="is_reported_twice"),
    Step("generate_lead", "contact", 1, seconds=60, needs="asks_for_offer"),
    Step("user_engagement", "end", 1, 0.4, 12),
)
EVENT_NAMES = tuple(dict.fromkeys(step.event for step in STEPS))
PAGES = tuple(dict.fromkeys(step.page for step in STEPS))
BUYING_STEP = next(i for i, step in enumerate(STEPS) if step.event == "purchase")
INQUIRY_STEP = next(i for i, step in enumerate(STEPS) if step.event == "generate_lead")
LOGIN_STEPS = tuple(i for i, step in enumerate(STEPS) if step.event in ("login", "sign_up"))
AGAIN_STEP = next(i for i, step in enumerate(STEPS) if step.page == "again")


def timed(world: World, visits: Visits) -> tuple[Bools, Ints]:
    """Return which steps each visit may hold, and microseconds from its beginning to each of them.

    A step that needs more than depth takes its time whether it is reported or not: what Google Analytics misses must
    not move the order.
    """
    keys = (visits.person[:, None], visits.started_at[:, None], np.arange(len(STEPS))[None, :])
    has = visits.depth[:, None] >= np.array([step.depth for step in STEPS])[None, :]
    draw = world.dice.uniform("step", *keys)
    # The second product is seen and its view reported, or neither.
    pair = [i for i, step in enumerate(STEPS) if step.page == "product_2"]
    draw[:, pair[1]] = draw[:, pair[0]]
    has &= draw < np.array([step.chance for step in STEPS])[None, :]
    has[:, AGAIN_STEP] &= visits.second_channel >= 0
    mean = np.array([step.seconds for step in STEPS]) * 1_000_000
    pace = 0.25 + 1.5 * world.dice.uniform("pace", *keys)
    offset = np.cumsum(np.where(has, mean[None, :] * pace, 0).astype(np.int64), axis=1)
    return has, offset + world.dice.below("moment", 1_000_000, visits.person, visits.started_at)[:, None]
