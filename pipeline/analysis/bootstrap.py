"""Intervals by drawing people again: people stand in groups of chance, and a draw takes whole groups (Efron 1979).

Sums are worked out once per group, so a draw costs nothing per journey. The spread of a drawn sum is that of
drawing people: the groups are sums of people picked by chance, and few people each stand in one of their own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.analysis.paths import Floats, Ints

#: Confidence of intervals that stand alone, and of those that must all hold together.
LEVEL, FAMILY_LEVEL = 0.95, 0.99


def group_draws(count_groups: int, draws: int, seed: int = 1) -> Floats:
    """Return how often each group is taken in each draw, shape (draws, groups); each row adds up to the groups."""
    if count_groups < 1:
        return np.zeros((draws, 0))
    random = np.random.default_rng(seed)
    return random.multinomial(count_groups, np.full(count_groups, 1 / count_groups), size=draws).astype(np.float64)


def percentile_interval(drawn: Floats, level: float = LEVEL) -> tuple[Floats, Floats]:
    """Return the ends of the interval that holds the middle `level` of the draws, which lie along the first axis."""
    tail = (1 - level) / 2
    low, high = np.quantile(drawn, [tail, 1 - tail], axis=0)
    return low, high


def ranks(values: Floats) -> Ints:
    """Return ranks along the last axis: 1 is the largest; of equal ones the first comes first."""
    order = np.argsort(-values, axis=-1, kind="stable")
    made = np.empty(values.shape, dtype=np.int64)
    np.put_along_axis(made, order, np.broadcast_to(np.arange(1, values.shape[-1] + 1), values.shape), axis=-1)
    return made


@dataclass(frozen=True)
class Differences:
    """What each model gives a channel beyond the mean of all models, with bounds that hold for all together."""

    value: Floats
    low: Floats
    high: Floats


def differences(shares: Floats, drawn: Floats, is_counted: np.ndarray, level: float = FAMILY_LEVEL) -> Differences:
    """Compare models channel by channel, in one family of intervals.

    The widest of all deviations in each draw, in units of its own spread, says how wide the intervals must be so that
    none of them misses, in `level` of the draws (studentised maximum; Westfall and Young 1993).

    Args:
        shares: Share of each model and channel, shape (models, channels).
        drawn: The same in each draw, shape (draws, models, channels).
        is_counted: Channels that belong to the family, shape (channels,).
        level: Share of draws in which no deviation may lie outside.
    """
    value = shares - shares.mean(axis=0)
    deviations = drawn - drawn.mean(axis=1, keepdims=True)
    spread = deviations.std(axis=0, ddof=1)
    away = np.abs(deviations - value)
    scaled = np.divide(away, spread, out=np.zeros_like(away), where=spread > 1e-12)[:, :, is_counted]
    widest = scaled.max(axis=(1, 2), initial=0.0)
    reach = float(np.quantile(widest, level)) if len(widest) else 0.0
    return Differences(value, value - reach * spread, value + reach * spread)
