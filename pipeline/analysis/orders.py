"""How many channels back a path remembers: orders of a Markov chain compared on journeys they have not seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.analysis.markov import Steps
from pipeline.analysis.paths import Floats, Ints, distinct, sums

#: Cases that a shorter memory counts for when a longer one says what comes next (interpolation of Dirichlet type).
_PRIOR = 5.0


@dataclass(frozen=True)
class Compared:
    """How well each order foretells the next step of journeys that were held out."""

    #: Mean logarithm of the probability given to what really came next, one an order from 1, shape (orders,).
    log_likelihood: Floats
    #: Standard error, over the folds, of what each order falls short of the best, shape (orders,).
    shortfall_error: Floats
    #: Steps that were foretold.
    count_steps: float

    @property
    def chosen(self) -> int:
        """The lowest order that falls short of the best by less than one standard error."""
        short = self.log_likelihood.max() - self.log_likelihood
        return int(np.flatnonzero(short <= self.shortfall_error)[0]) + 1


def compare(steps: Steps, most_order: int, folds: int) -> Compared:
    """Foretell each fold of the people from all others, by every order up to `most_order`.

    Nobody is on both sides. The probability of what comes next (a channel, the conversion, or nothing more) after a
    context is its share of what came after that context, blended with what the next shorter context says.

    Args:
        steps: Steps that remember `most_order` channels or more; their groups are the folds.
        most_order: The highest order.
        folds: How many folds there are.
    """
    base, symbols = steps.count_channels + 1, steps.count_channels + 3
    fold, came, weight = steps.groups, steps.came, steps.weight
    probability = np.full(len(came), 1.0 / (steps.count_channels + 2))
    per_fold = np.zeros((most_order, folds))
    for order in range(most_order + 1):
        key = steps.context % base**order
        seen = _elsewhere(key * symbols + came, fold, weight, folds)
        all_seen = _elsewhere(key, fold, weight, folds)
        probability = (seen + _PRIOR * probability) / (all_seen + _PRIOR)
        if order:
            per_fold[order - 1] = sums(fold, weight * np.log(probability), folds)
    count = float(weight.sum())
    mean = per_fold.sum(axis=1) / count if count else np.zeros(most_order)
    short = per_fold[np.argmax(mean)] - per_fold
    error = short.std(axis=1, ddof=1) * np.sqrt(folds) / count if count else np.zeros(most_order)
    return Compared(mean, error, count)


def _elsewhere(key: Ints, fold: Ints, weight: Floats, folds: int) -> Floats:
    """Return for each row the weight of its key in all folds but its own."""
    _, number = distinct(key)
    everywhere = sums(number, weight)[number]
    _, here = distinct(number * folds + fold)
    return everywhere - sums(here, weight)[here]
