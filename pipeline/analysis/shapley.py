"""Shapley values of channels: what each adds to the rate at which sets of channels convert.

A set is a bit mask: channel c (from 1) is bit c - 1. Values for up to 20 channels are exact, over all 2^m sets; beyond
that orders of the channels are drawn with a fixed seed.
"""

from __future__ import annotations

from collections.abc import Callable
from math import comb

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from pipeline.analysis.paths import Floats, Ints

#: Channels up to which every set is looked at.
MOST_EXACT = 20
#: Sets of one block of draws held in memory at a time.
_BLOCK = 8_000_000


def subset_sums(values: npt.ArrayLike) -> Floats:
    """Return for every set the sum over its subsets (zeta transform), along the last axis of length 2^m."""
    return _transformed(values, 1.0)


def dividends(values: npt.ArrayLike) -> Floats:
    """Return what every set adds beyond its subsets (Möbius transform; Harsanyi 1963): the inverse of `subset_sums`."""
    return _transformed(values, -1.0)


def _transformed(values: npt.ArrayLike, sign: float) -> Floats:
    made = np.array(values, dtype=np.float64)
    count = made.shape[-1].bit_length() - 1
    for bit in range(count):
        halves = made.reshape(*made.shape[:-1], -1, 2, 1 << bit)
        halves[..., 1, :] += sign * halves[..., 0, :]
    return made


def shapley_values(values: npt.ArrayLike) -> Floats:
    """Return the Shapley value of each player from the value of every set.

    Args:
        values: Value of each set, shape (…, 2^m); set 0 is the empty one.

    Returns:
        Shape (…, m). Each row adds up to the value of the full set less that of the empty one.
    """
    given = np.asarray(values, dtype=np.float64)
    count = given.shape[-1].bit_length() - 1
    masks = np.arange(1 << count)
    sizes = np.bitwise_count(masks).astype(np.int64)
    with_player = np.array([1.0 / (count * comb(count - 1, size)) for size in range(count)])
    made = np.empty((*given.shape[:-1], count))
    for player in range(count):
        has = (masks >> player & 1).astype(bool)
        weight = np.where(has, with_player[np.maximum(sizes - 1, 0)], -with_player[np.minimum(sizes, count - 1)])
        made[..., player] = given @ weight
    return made


def sampled_shapley_values(
    value: Callable[[Ints], Floats], count: int, *, permutations: int = 2000, seed: int = 1
) -> Floats:
    """Return Shapley values estimated from drawn orders of the players, each taken forwards and backwards.

    Args:
        value: Gives the value of each of an array of sets.
        count: Players, at most 62.
        permutations: Orders drawn; the standard error falls with their square root.
        seed: Same seed, same values.
    """
    draw = np.random.default_rng(seed)
    orders = np.argsort(draw.random((max(permutations // 2, 1), count)), axis=1)
    orders = np.concatenate([orders, orders[:, ::-1]])
    reached = np.cumsum(np.int64(1) << orders, axis=1)
    worth = value(np.concatenate([np.zeros(1, dtype=np.int64), reached.ravel()]))
    along = np.concatenate([np.full((len(orders), 1), worth[0]), worth[1:].reshape(orders.shape)], axis=1)
    added = np.diff(along, axis=1)
    return np.bincount(orders.ravel(), added.ravel(), minlength=count) / len(orders)


class SetRates:
    """The rate at which journeys with exactly a set of channels convert, for every set.

    A set that was seen n times with k conversions gets (k + prior * e) / (n + prior), e what its channels let expect: a
    logistic regression on the sets that were seen, one coefficient a channel, held back towards the overall rate by a
    ridge of the size of the prior. A set that was not seen gets e itself. Pulling towards e and not towards the overall
    rate keeps the bias of rare sets so small that intervals hold the truth (decision 0017). Nobody without a touch
    converts through a channel, so that the empty set is worth nothing.
    """

    def __init__(self, sets: Ints, count_channels: int, prior: float) -> None:
        """Take the sets that were seen, in rising order, and how many cases the expected rate counts for."""
        self.sets = sets
        self.count_channels = count_channels
        self.prior = prior
        self._members = _members(sets, count_channels)

    def expected(self, converted: Floats, lost: Floats) -> tuple[Floats, Floats]:
        """Return intercept and coefficients (last axis: 1 + channels) of the logistic fit, and p0, one row a draw."""
        seen = converted + lost
        total = seen.sum(axis=1)
        overall = np.divide(converted.sum(axis=1), total, out=np.zeros(len(seen)), where=total > 0)
        design = np.concatenate([np.ones((len(self.sets), 1)), self._members], axis=1)
        ridge = np.full(design.shape[1], max(self.prior, 1e-3) / 4)
        ridge[0] = 1e-6
        start = np.clip(overall, 1e-6, 1 - 1e-6)
        factors = np.zeros((len(seen), design.shape[1]))
        factors[:, 0] = np.log(start / (1 - start))
        for _ in range(12):
            rate = expit(factors @ design.T)
            slope = (converted - seen * rate) @ design - ridge * (factors - _centre(factors))
            curve = np.einsum("ds,si,sj->dij", seen * rate * (1 - rate), design, design, optimize=True)
            curve[:, np.arange(len(ridge)), np.arange(len(ridge))] += ridge
            step = np.linalg.solve(curve, slope[..., np.newaxis])[..., 0]
            factors += np.clip(step, -2, 2)
            if np.abs(step).max(initial=0.0) < 1e-8:
                break
        return factors, overall

    def values(self, converted: npt.ArrayLike, lost: npt.ArrayLike) -> Callable[[Ints], Floats]:
        """Return a function that gives, for an array of sets, their rates: shape (draws, sets).

        Args:
            converted: Conversions of each seen set, shape (draws, seen sets).
            lost: Journeys without one, of the same shape.
        """
        wins, fails = np.atleast_2d(np.asarray(converted, float)), np.atleast_2d(np.asarray(lost, float))
        seen = wins + fails
        factors, overall = self.expected(wins, fails)
        rate = np.divide(
            wins + self.prior * _foretold(factors, self._members),
            seen + self.prior,
            out=np.zeros_like(seen),
            where=seen + self.prior > 0,
        )

        def rates(sets: Ints) -> Floats:
            given = _foretold(factors, _members(sets, self.count_channels))
            if len(self.sets):
                place = np.clip(np.searchsorted(self.sets, sets), 0, len(self.sets) - 1)
                is_known = self.sets[place] == sets
                columns = place[is_known]
                given[:, is_known] = np.where(seen[:, columns] > 0, rate[:, columns], given[:, is_known])
            given[:, sets == 0] = 0.0
            return np.where(overall[:, np.newaxis] > 0, given, 0.0)

        return rates

    def value(self, converted: Floats, lost: Floats) -> Callable[[Ints], Floats]:
        """Return the same for one draw: its function gives rates of shape (sets,)."""
        rates = self.values(converted, lost)
        return lambda sets: rates(sets)[0]


def _centre(factors: Floats) -> Floats:
    """Return what the ridge pulls to: no effect of any channel, and a free intercept."""
    centre = np.zeros_like(factors)
    centre[:, 0] = factors[:, 0]
    return centre


def _foretold(factors: Floats, members: Floats) -> Floats:
    """Return the rates that a logistic fit lets expect of sets with these members, one row a draw."""
    made: Floats = expit(factors[:, :1] + factors[:, 1:] @ members.T)
    return made


def _members(sets: Ints, count_channels: int) -> Floats:
    return (sets[:, np.newaxis] >> np.arange(count_channels) & 1).astype(np.float64)


def shapley_of_rates(
    sets: Ints, converted: npt.ArrayLike, lost: npt.ArrayLike, count_channels: int, prior: float, seed: int = 1
) -> Floats:
    """Return the Shapley values of conversion rates, one row a draw, shape (draws, channels).

    Args:
        sets: Sets of channels that journeys had, in rising order.
        converted: Conversions of each set, shape (sets,) or (draws, sets).
        lost: Journeys without one, of the same shape.
        count_channels: Number of channels, at most 62.
        prior: Cases that the expected rate of a set counts for.
        seed: For the drawn orders where there are more than 20 channels.
    """
    wins, fails = np.atleast_2d(np.asarray(converted, float)), np.atleast_2d(np.asarray(lost, float))
    known = SetRates(sets, count_channels, prior)
    made = np.empty((len(wins), count_channels))
    if count_channels > MOST_EXACT:
        for number in range(len(wins)):
            made[number] = sampled_shapley_values(known.value(wins[number], fails[number]), count_channels, seed=seed)
        return made
    every = np.arange(1 << count_channels, dtype=np.int64)
    per_round = max(1, _BLOCK >> count_channels)
    for begin in range(0, len(wins), per_round):
        part = slice(begin, begin + per_round)
        made[part] = shapley_values(known.values(wins[part], fails[part])(every))
    return made
