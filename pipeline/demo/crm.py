"""The e-mails that the CRM sends to its contacts, and what contacts and machines do with them."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from pipeline.demo.calendar import DAY_SECONDS
from pipeline.demo.draws import Ints
from pipeline.demo.wholesale import Wholesale, contacts_made_at
from pipeline.demo.world import World

KINDS = ("SENT", "DELIVERED", "OPEN", "CLICK", "BOUNCE", "STATUSCHANGE")
SENT, DELIVERED, OPEN, CLICK, BOUNCE, STATUSCHANGE = range(6)
SUBJECTS = ("Autumn wholesale price list", "New leaves for your counter", "Holiday orders: last days")
_SHARE_OF_PERIOD = (0.14, 0.47, 0.78)


@dataclass
class Mail:
    """One entry per e-mail event."""

    person: Ints
    campaign: Ints
    kind: Ints
    at_ms: Ints
    is_machine: Ints


def make_mail(world: World, wholesale: Wholesale) -> Mail:
    """Send three e-mails to everybody who is a contact by then."""
    parts = [_campaign(world, wholesale, number) for number in range(len(SUBJECTS))]
    return Mail(**{field.name: np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Mail)})


def _campaign(world: World, wholesale: Wholesale, number: int) -> Mail:
    day = np.array(int(_SHARE_OF_PERIOD[number] * world.days))
    sent = int(world.calendar.at(day, np.array(9 * 3600 + 1800)))
    person = wholesale.contacts[contacts_made_at(world, wholesale) < sent - DAY_SECONDS]
    dice, keys = world.dice, (person, person * 0 + number)
    throw = {name: dice.uniform(f"crm {name}", *keys) for name in ("bounce", "open", "click", "leave", "machine")}
    sent_at = sent * 1000 + dice.below("crm queue", 90_000, *keys)
    delivered_at = sent_at + 900 + dice.below("crm delivery", 4000, *keys)
    opened_at = delivered_at + 60_000 + dice.below("crm open lag", 30 * 3_600_000, *keys)
    clicked_at = opened_at + 9_000 + dice.below("crm click lag", 90_000, *keys)
    bounces = throw["bounce"] < 0.02
    opens = ~bounces & (throw["open"] < 0.42) & (clicked_at < (world.calendar.ends_at - 3600) * 1000)
    clicks = opens & (throw["click"] < 0.30)
    machine = ~bounces & (throw["machine"] < 0.07)
    rows = [
        (SENT, sent_at, person >= 0, 0),
        (DELIVERED, delivered_at, ~bounces, 0),
        (BOUNCE, delivered_at, bounces, 0),
        (OPEN, delivered_at + 700, machine, 1),
        (CLICK, delivered_at + 1100, machine, 1),
        (OPEN, opened_at, opens, 0),
        (CLICK, clicked_at, clicks, 0),
        (STATUSCHANGE, clicked_at + 30_000, clicks & (throw["leave"] < 0.03), 0),
    ]
    return Mail(
        person=np.concatenate([person[has] for _, _, has, _ in rows]),
        campaign=np.concatenate([np.full(int(has.sum()), number) for _, _, has, _ in rows]),
        kind=np.concatenate([np.full(int(has.sum()), kind) for kind, _, has, _ in rows]),
        at_ms=np.concatenate([at[has] for _, at, has, _ in rows]),
        is_machine=np.concatenate([np.full(int(has.sum()), machine) for _, _, has, machine in rows]),
    )
