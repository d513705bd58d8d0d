"""What lies in the basket of a person on a day, to the cent: the same in every world."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.demo.draws import Bools, Ints
from pipeline.demo.world import PRODUCTS, TAX_RATE, World

MOST_LINES = 4
_COUPONS = (("", 0.0), ("TEA10", 0.10), ("WELCOME15", 0.15), ("GOODWILL", 1.0))
COUPON_NAMES = tuple(name for name, _ in _COUPONS)
NO_REFUND, FULL, PARTIAL, REPEATED = range(4)


@dataclass
class Baskets:
    """Baskets in rows, their lines in columns; money in cents."""

    count_lines: Ints
    product: Ints
    quantity: Ints
    gross: Ints
    discount: Ints
    tax: Ints
    is_line: Bools
    coupon: Ints
    refund_number: Ints
    """Which refund of the order gives the line back: 1, 2, or 0 for none."""
    refund_days: Ints
    """Days until the first and the second refund, in two columns; 0 for none."""

    def total(self, lines: Ints) -> Ints:
        """Return the sum over the lines of each basket."""
        return np.where(self.is_line, lines, 0).sum(axis=1)

    def net(self) -> Ints:
        """Return the value of each basket after discount, before refunds, without tax."""
        return self.total(self.gross - self.discount)


def fill(world: World, person: Ints, day: Ints) -> Baskets:
    """Fill the baskets of some people on some days."""
    dice, keys = world.dice, (person[:, None], day[:, None], np.arange(MOST_LINES)[None, :])
    count_lines = 1 + dice.among("lines", np.array([0.42, 0.30, 0.18, 0.10]), person, day)
    is_line = np.arange(MOST_LINES)[None, :] < count_lines[:, None]
    product = dice.among("product", np.array([p.weight for p in PRODUCTS]), *keys)
    quantity = 1 + dice.among("quantity", np.array([0.74, 0.19, 0.07]), *keys)
    # A cashier who scans the same thing twice makes two lines that are alike to the letter.
    twice = (dice.uniform("scanned twice", person, day) < 0.04) & (count_lines >= 2)
    product[:, 1] = np.where(twice, product[:, 0], product[:, 1])
    quantity[:, 1] = np.where(twice, quantity[:, 0], quantity[:, 1])
    gross = np.array([p.cents for p in PRODUCTS])[product] * quantity
    coupon = dice.among("coupon", np.array([0.86, 0.09, 0.045, 0.005]), person, day)
    rate = np.array([rate for _, rate in _COUPONS])[coupon]
    discount = np.floor(gross * rate[:, None] + 0.5).astype(np.int64)
    tax = np.floor((gross - discount) * TAX_RATE + 0.5).astype(np.int64)
    number, days = _refunds(world, person, day, count_lines, coupon)
    return Baskets(count_lines, product, quantity, gross, discount, tax, is_line, coupon, number, days)


def _refunds(world: World, person: Ints, day: Ints, count_lines: Ints, coupon: Ints) -> tuple[Ints, Ints]:
    """Return per line the refund it is given back in, and per basket the days until the refunds."""
    dice = world.dice
    kind = dice.among("refund", np.array([0.945, 0.022, 0.023, 0.010]), person, day)
    kind = np.where(coupon == COUPON_NAMES.index("GOODWILL"), NO_REFUND, kind)
    kind = np.where((kind == REPEATED) & (count_lines < 3), PARTIAL, kind)
    kind = np.where((kind == PARTIAL) & (count_lines < 2), FULL, kind)
    line = np.arange(MOST_LINES)[None, :]
    number = np.where(kind[:, None] == FULL, 1, 0)
    number = np.where((kind[:, None] >= PARTIAL) & (line == 0), 1, number)
    number = np.where((kind[:, None] == REPEATED) & (line == 1), 2, number)
    first = 1 + dice.below("refund days", 18, person, day)
    second = first + 1 + dice.below("second refund days", 9, person, day)
    days = np.stack([np.where(kind > 0, first, 0), np.where(kind == REPEATED, second, 0)], axis=1)
    return number * (line < count_lines[:, None]), days


def happened(world: World, baskets: Baskets, day: Ints) -> Ints:
    """Return the refund each line is given back in, without those that lie after the last day."""
    lag = np.take_along_axis(
        np.concatenate([np.zeros((len(day), 1), np.int64), baskets.refund_days], axis=1), baskets.refund_number, axis=1
    )
    return np.where(day[:, None] + lag < world.days, baskets.refund_number, 0)


def revenue(world: World, person: Ints, day: Ints) -> Ints:
    """Return what each order is worth in the end: after discount and refunds, without tax."""
    baskets = fill(world, person, day)
    kept = happened(world, baskets, day) == 0
    return baskets.total(np.where(kept, baskets.gross - baskets.discount, 0))
