"""How far chance alone may have moved a sum or a mean: bootstrap over groups of buyers."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

#: Ends of a 95 % interval.
_ENDS = (0.025, 0.975)


def draws(count_groups: int, count_draws: int, seed: int) -> npt.NDArray[np.int64]:
    """Return how often each group is drawn, in each of several draws of as many groups as there are, with replacement.

    The number of groups stays the same in every draw (multinomial). With independent counts (Poisson) a sum would also
    vary with how many groups are drawn, which is no chance of the business but of the grouping.

    Returns:
        Shape (count_draws, count_groups); each row sums to count_groups.
    """
    even = np.full(count_groups, 1 / count_groups)
    return np.random.default_rng(seed).multinomial(count_groups, even, size=count_draws)


def sum_interval(sums: Floats, drawn: npt.NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Return the ends of the 95 % interval of sums, by the percentile bootstrap (Efron and Tibshirani 1993, ch. 13).

    A group holds the buyers that fell into it by a hash, and counts as zero where it has none: so the interval covers
    both how many buyers there are and what they spend, and buyers who order again count as one. With few buyers of
    very unequal worth it is somewhat narrow: with 80 it holds the truth 90 to 93 times of 100, with 2,000 95 times.

    Args:
        sums: What each group adds to each sum, shape (groups, sums).
        drawn: How often each group is drawn, shape (draws, groups); see `draws`.

    Returns:
        Lower and upper ends, each of shape (sums,).
    """
    low, high = np.quantile(drawn.astype(float) @ sums, _ENDS, axis=0)
    return low, high


def mean_interval(sums: Floats, counts: Floats, drawn: npt.NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Return the ends of the 95 % interval of means, sums over counts, by the percentile bootstrap.

    Args:
        sums: What each group adds to each sum, shape (groups, means).
        counts: How many cases each group adds, same shape.
        drawn: How often each group is drawn, shape (draws, groups).

    Returns:
        Lower and upper ends, each of shape (means,); not a number where there is no case; draws without one are
        left out.
    """
    weights = drawn.astype(float)
    number = weights @ counts
    means = np.divide(weights @ sums, number, out=np.full(number.shape, np.nan), where=number > 0)
    ends = np.full((2, means.shape[1]), np.nan)
    is_seen = number.any(axis=0)
    ends[:, is_seen] = np.nanquantile(means[:, is_seen], _ENDS, axis=0)
    return ends[0], ends[1]
