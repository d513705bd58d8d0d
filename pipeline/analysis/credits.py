"""Credit of every model in draws of people, from sums per group of people: no journey is looked at twice."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from pipeline.analysis.markov import Chain, removal_effects, shares_of
from pipeline.analysis.paths import Floats, Ints, Paths, distinct
from pipeline.analysis.shapley import shapley_of_rates

#: Weight of a channel without an effect: an order of such channels only is shared equally.
_LEAST = 1e-12
#: How exact a chain is in a draw; its interval is far wider.
_TOLERANCE = 1e-7


@dataclass(frozen=True)
class Orders:
    """Orders by the set of channels that earn credit for them, per group of people."""

    #: Distinct sets as bit masks, shape (sets,).
    sets: Ints
    #: Orders and revenue of each set in each group, shape (sets, groups).
    counts: csr_array
    revenue: csr_array


@dataclass(frozen=True)
class Journeys:
    """Ended journeys as a chain and as sets of channels, per group of people."""

    chain: Chain
    sets: Ints
    #: Journeys of each set in each group with and without an order, shape (sets, groups).
    converted: csr_array
    lost: csr_array
    prior: float


#: "orders" and "revenue" of each channel in each draw, shape (draws, channels).
Credit = dict[str, Floats]


def table_of(rows: Ints, groups: Ints, values: Floats, shape: tuple[int, int]) -> csr_array:
    """Return values as a sparse table of rows and groups, equal places added up."""
    return csr_array((values, (rows, groups)), shape=shape)


def journeys_of(paths: Paths, chain: Chain, prior: float) -> Journeys:
    """Count sets of channels per group beside a chain that was counted per group."""
    sets, numbers = distinct(paths.masks())
    shape = (len(sets), chain.weights.shape[1])
    won, lost = (table_of(numbers, paths.groups, given, shape) for given in (paths.converted, paths.lost))
    return Journeys(chain, sets, won, lost, prior)


def drawn_credit(journeys: Journeys, orders: Orders, taken: Floats, tolerance: float = _TOLERANCE) -> dict[str, Credit]:
    """Return the credit of the models that are worked out from all journeys, in each draw.

    Args:
        journeys: Ended journeys.
        orders: Orders that have credit to give.
        taken: How often each draw takes each group, shape (draws, groups); a row of ones gives the credit itself.
        tolerance: How exact a chain is that is too large for the closed form.

    Returns:
        markov_order and shapley_order (each order shared among its own channels), markov_global and shapley_rate (all
        orders shared by the effects), participation (each order whole to each of its channels).
    """
    channels = journeys.chain.count_channels
    members = (orders.sets[:, np.newaxis] >> np.arange(channels) & 1).astype(np.float64)
    counts, revenue = _drawn(orders.counts, taken), _drawn(orders.revenue, taken)
    removal = np.empty((len(taken), channels))
    per_round = max(1, 40_000_000 // max(len(journeys.chain.tails), 1))
    for begin in range(0, len(taken), per_round):
        part = slice(begin, begin + per_round)
        weights = _drawn(journeys.chain.weights, taken[part])
        removal[part] = removal_effects(journeys.chain, weights, tolerance).removal_effect
    added = shapley_of_rates(
        journeys.sets, _drawn(journeys.converted, taken), _drawn(journeys.lost, taken), channels, journeys.prior
    )
    totals = counts.sum(axis=1, keepdims=True), revenue.sum(axis=1, keepdims=True)
    whole = added.sum(axis=1, keepdims=True)
    parts = np.divide(added, whole, out=np.zeros_like(added), where=whole > 1e-12)
    made = {"participation": {"orders": counts @ members, "revenue": revenue @ members}}
    for model, weights in (("markov_order", removal), ("shapley_order", np.maximum(added, 0.0))):
        given = weights + _LEAST
        of_set = given @ members.T
        made[model] = {
            level: given * (np.divide(sums, of_set, out=np.zeros_like(sums), where=of_set > 0) @ members)
            for level, sums in (("orders", counts), ("revenue", revenue))
        }
    for model, share in (("markov_global", shares_of(removal)), ("shapley_rate", parts)):
        made[model] = {"orders": share * totals[0], "revenue": share * totals[1]}
    return made


def _drawn(table: csr_array, taken: Floats) -> Floats:
    """Add up the groups that each draw takes: (rows, groups) becomes (draws, rows)."""
    return np.ascontiguousarray((table @ taken.T).T)
