"""How the arms of an experiment differ, and whether chance can have sorted people into them so."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.stats import chisquare
from scipy.stats import t as student

from pipeline.analysis.proportions import difference_interval, two_shares

#: Below this the arms are not what was planned, and nothing in them can be read (Fabijan and others 2019).
RATIO_LEVEL = 0.001
_LEVEL = 0.95


class Difference(NamedTuple):
    """A difference with the ends of its 95 % interval and its two-sided p-value."""

    value: float
    low: float
    high: float
    p_value: float


def sample_ratio(counts: list[int], expected: list[float]) -> float:
    """Return the p-value of so many people in each arm, where expected parts of them should be (Pearson 1900).

    One arm only cannot be checked: not a number. Where nobody was expected in an arm it is 0.
    """
    whole, parts = sum(counts), sum(expected)
    if len(counts) < 2 or not whole or not parts:
        return float("nan")
    if min(expected) <= 0:
        return 0.0
    return float(chisquare(counts, [part / parts * whole for part in expected]).pvalue)


def shares_differ(k: int, n: int, control_k: int, control_n: int) -> Difference:
    """Return the difference of two shares: k of n less control_k of control_n, by the hybrid score interval.

    Newcombe 1998, method 10. The p-value is that of `two_shares`.
    """
    if not n or not control_n:
        return Difference(*[float("nan")] * 4)
    numbers = [np.array([number]) for number in (k, n, control_k, control_n)]
    low, high = difference_interval(*numbers)
    p = two_shares(*numbers)
    return Difference(
        k / n - control_k / control_n, float(low[0]), float(high[0]), float(p[0]) if not np.isnan(p[0]) else 1.0
    )


def mean_interval(total: float, squares: float, n: int) -> tuple[float, float, float]:
    """Return a mean and the ends of its interval (Student 1908), from the sum and the sum of squares of n people."""
    if n < 2:
        return (total / n if n else float("nan"), float("nan"), float("nan"))
    mean, half = total / n, float(student.ppf((1 + _LEVEL) / 2, n - 1)) * float(np.sqrt(_error(total, squares, n)))
    return mean, mean - half, mean + half


def means_differ(
    total: float, squares: float, n: int, control_total: float, control_squares: float, control_n: int
) -> Difference:
    """Return the difference of two means of unequal spread (Welch 1947), from sums and sums of squares."""
    if min(n, control_n) < 2:
        return Difference(*[float("nan")] * 4)
    value = total / n - control_total / control_n
    one, other = _error(total, squares, n), _error(control_total, control_squares, control_n)
    if one + other <= 0:
        return Difference(value, value, value, 1.0 if value == 0 else 0.0)
    part = one / (one + other)
    freedom = 1 / (part**2 / (n - 1) + (1 - part) ** 2 / (control_n - 1))
    half = float(student.ppf((1 + _LEVEL) / 2, freedom) * np.sqrt(one + other))
    return Difference(
        value, value - half, value + half, float(2 * student.sf(abs(value) / np.sqrt(one + other), freedom))
    )


def _error(total: float, squares: float, n: int) -> float:
    """Return the variance of a mean."""
    return max(squares - total**2 / n, 0.0) / (n - 1) / n
