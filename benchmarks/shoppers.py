"""Simulated shoppers who come when they want to buy: which channel causes orders is known, and most only seem to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
import pyarrow as pa

from pipeline.demo.life import live
from pipeline.demo.world import CHANNELS
from pipeline.warehouse import Warehouse

_BEGIN = np.datetime64("2026-06-01T00:00:00", "us")
_HOUR, _DAY = 3600 * 1_000_000, 86_400 * 1_000_000
#: Channels of the shoppers. Only the flyer causes anything.
NAMES = ("Search", "Social", "Flyer", "Direct", "Brand", "Retargeting")
SEARCH, SOCIAL, FLYER, DIRECT, BRAND, RETARGETING = range(len(NAMES))
_FLYER_DAYS = 7


@dataclass(frozen=True)
class Lived:
    """What the models read: touches, orders and moments of being about to buy; times in UTC, people from 1."""

    channels: tuple[str, ...]
    touches: pa.Table
    orders: pa.Table
    decisions: pa.Table
    as_of: datetime


def shoppers(
    seed: int, people: int, *, lift: float | np.ndarray = 1.0, days: int = 90, is_traceless: bool = False
) -> Lived:
    """Let people live through spells in which they want something more and more, whatever anybody shows them.

    The more they want it, the oftener they come and the more by Brand; retargeting follows those who have been here,
    and more so who filled a cart. None of these causes an order. A flyer reaches whoever comes, by chance alone.

    Args:
        seed: Same seed, same people.
        people: How many.
        lift: What a flyer multiplies the chance of an order with, on its day and the six after; 1 for nothing. One
            number, or one for each person.
        days: How long.
        is_traceless: People want it at full strength at once, and leave no trace before they come by Brand.
    """
    draw = np.random.default_rng(seed)
    want = _wants(draw, people, days, is_traceless)
    last_visit, last_cart, last_flyer = (np.full(people, -99) for _ in range(3))
    ready = np.ones(people)
    rows: dict[str, list[np.ndarray]] = {"touches": [], "orders": [], "decisions": []}
    for day in range(days):
        now = want[:, day]
        comes = draw.random(people) < 0.03 + 0.22 * now
        channel = draw.choice(3, people, p=[0.4, 0.3, 0.3])
        seen = (day - last_visit <= 7) & (draw.random(people) < np.where(day - last_cart <= 7, 0.5, 0.2))
        channel = np.where(seen, RETARGETING, channel)
        channel = np.where(draw.random(people) < 0.45 * now, BRAND, channel)
        last_flyer = np.where(comes & (channel == FLYER), day, last_flyer)
        lifted = np.where(day - last_flyer < _FLYER_DAYS, lift, 1.0)
        buys = draw.random(people) < 0.004 * np.exp(3.0 * now) * lifted * ready
        to_buy = buys & (draw.random(people) < 0.8)
        way = draw.choice([DIRECT, BRAND, RETARGETING], people, p=[0.4, 0.35, 0.25])
        carts = comes & (draw.random(people) < 0.05 + 0.4 * now)
        for name, who, what in (
            ("touches", comes, channel), ("touches", to_buy, way),
            ("orders", buys, channel), ("decisions", carts, channel),
        ):  # fmt: skip
            mine = np.flatnonzero(who)
            hour = 20 if who is to_buy or who is buys else 10
            at = day * _DAY + hour * _HOUR + draw.integers(0, 2 * _HOUR, len(mine))
            rows[name].append(np.stack([mine + 1, at, what[mine] + 1]))
        last_visit, last_cart = np.where(comes | to_buy, day, last_visit), np.where(carts, day, last_cart)
        ready = np.where(buys, 0.15, np.minimum(1, ready + 0.05))
    made = {name: _table(np.concatenate(parts, axis=1)) for name, parts in rows.items()}
    as_of = (_BEGIN + np.timedelta64(days, "D")).item()
    return Lived(NAMES, made["touches"], made["orders"], made["decisions"], as_of)


def _wants(draw: np.random.Generator, people: int, days: int, is_traceless: bool) -> np.ndarray:
    """Return how much each person wants to buy on each day, 0 to 1, shape (people, days)."""
    want = np.zeros((people, days))
    count = draw.poisson(1.3 * days / 90, people)
    person = np.repeat(np.arange(people), count)
    begin, length = draw.integers(-5, days, len(person)), 2 + draw.geometric(0.15, len(person)).clip(max=18)
    for step in range(int(length.max(initial=0))):
        inside = (step < length) & (begin + step >= 0) & (begin + step < days)
        level = np.ones(len(person)) if is_traceless else (step + 1) / length
        want[person[inside], (begin + step)[inside]] = level[inside]
    return want


def _table(rows: np.ndarray) -> pa.Table:
    at = pa.array(_BEGIN + rows[1].astype("timedelta64[us]"))
    return pa.table({"customer_id": rows[0], "occurred_at": at, "channel_code": rows[2]})


def tea_shop(seed: int, people: int, days: int = 90) -> Lived:
    """Return the simulated business of `journeys demo`, in which Display causes nothing, as its true touches."""
    life = live(people, days, seed, date(2026, 6, 1))
    visits, orders = life.bought.visits, life.bought.orders
    real = ~orders.is_test

    def table(person: np.ndarray, us: np.ndarray, code: np.ndarray) -> pa.Table:
        return pa.table(
            {"customer_id": person + 1, "occurred_at": pa.array(us.astype("datetime64[us]")), "channel_code": code + 1}
        )

    us = visits.started_at * 1_000_000
    carts = (visits.depth >= 3) & (visits.depth < 5)
    return Lived(
        tuple(channel.name for channel in CHANNELS),
        table(visits.person, us, visits.channel),
        table(orders.person[real], orders.ordered_us[real], np.zeros(int(real.sum()), np.int64)),
        table(visits.person[carts], us[carts] + 60_000_000, visits.channel[carts]),
        np.datetime64(int(life.world.calendar.ends_at), "s").item(),
    )


_CORE = {
    "core.touches": """select row_number() over (order by customer_id, occurred_at, channel_code)::hugeint as touch_id,
        customer_id, occurred_at, channel_code, {channels}[channel_code] as channel from touches""",
    "core.orders": """select 'o' || row_number() over (order by occurred_at, customer_id) as order_id, customer_id,
        occurred_at as ordered_at, true as is_conversion, 40::decimal(18, 4) as revenue from orders""",
    "core.touchpoints": """select customer_id, occurred_at, 'decision' as stage, 'add_to_cart' as interaction,
        null::varchar as page_path, null::varchar as device_category, false as is_machine, false as is_test,
        null::varchar as experiment, null::varchar as variant from decisions""",
}  # fmt: skip


def laid_out(warehouse: Warehouse, given: Lived) -> None:
    """Write the core tables of what was lived; nobody is in an experiment."""
    names = "[" + ", ".join(f"'{name}'" for name in given.channels) + "]"
    with (
        warehouse.given(given.touches, "touches"),
        warehouse.given(given.orders, "orders"),
        warehouse.given(given.decisions, "decisions"),
    ):
        for name, sql in _CORE.items():
            warehouse.create(name, sql.format(channels=names))
    zone, as_of = "America/New_York", f"{given.as_of:%Y-%m-%d %H:%M:%S}"
    warehouse.execute(f"update config.settings set as_of = timestamp '{as_of}', reporting_zone = '{zone}'")
