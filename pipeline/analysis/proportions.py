"""Whether two shares differ by more than chance, and how many such findings among many may be false."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy.stats import chi2, false_discovery_control, fisher_exact

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

#: Of what is said to differ, the share that may do so by chance.
FALSE_DISCOVERY_RATE = 0.1

#: Below this many expected cases in any cell the test is exact.
_LEAST_EXPECTED = 5


def two_shares(k: Integers, n: Integers, other_k: Integers, other_n: Integers) -> Floats:
    """Return the two-sided p-value of k of n against other_k of other_n, for each row.

    The score test (Pearson's chi-square without correction, 1900); Fisher's exact test (1935) where any cell of the
    two by two table is expected to hold fewer than 5 cases (Cochran 1954).

    Args:
        k: Hits, shape (rows,).
        n: Cases, same shape.
        other_k: Hits of the rest.
        other_n: Cases of the rest.

    Returns:
        Shape (rows,); not a number where either side has no case.
    """
    cells = np.stack([k, n - k, other_k, other_n - other_k]).astype(float)
    whole, hits = (n + other_n).astype(float), (k + other_k).astype(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        expected = np.stack([n * hits, n * (whole - hits), other_n * hits, other_n * (whole - hits)]) / whole
        score = np.nansum((cells - expected) ** 2 / expected, axis=0)
    p = np.where((n > 0) & (other_n > 0), chi2.sf(score, 1), np.nan)
    for row in np.flatnonzero((n > 0) & (other_n > 0) & (expected.min(axis=0) < _LEAST_EXPECTED)):
        p[row] = fisher_exact(cells[:, row].reshape(2, 2).astype(np.int64)).pvalue
    return p


def rises(k: int, n: int, other_k: int, other_n: int) -> float:
    """Return the one-sided p-value of k of n being larger than other_k of other_n (Fisher's exact test, 1935)."""
    return float(fisher_exact(np.array([[k, n - k], [other_k, other_n - other_k]]), alternative="greater").pvalue)


def false_discovery_rate(p: Floats) -> Floats:
    """Return the p-values adjusted for the number of comparisons (Benjamini and Hochberg 1995).

    Of the rows with an adjusted value of at most q, a share of at most q is expected to be found by chance alone.

    Args:
        p: P-values of one family of comparisons; not a number where none was made.

    Returns:
        Same shape; not a number where p is none.
    """
    adjusted = np.full(p.shape, np.nan)
    made = ~np.isnan(p)
    if made.any():
        adjusted[made] = false_discovery_control(p[made], method="bh")
    return adjusted


def difference_interval(k: Integers, n: Integers, other_k: Integers, other_n: Integers) -> tuple[Floats, Floats]:
    """Return the ends of the 95 % interval of k of n less other_k of other_n, for each row.

    Newcombe's hybrid score interval (1998, method 10): as narrow as the score intervals of both allow, and never beyond
    -1 and 1.

    Returns:
        Low and high ends, each of shape (rows,); not a number where either side has no case.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        one, other = k / n, other_k / other_n
    low, high = _score_interval(k, n)
    other_low, other_high = _score_interval(other_k, other_n)
    below = np.sqrt((one - low) ** 2 + (other_high - other) ** 2)
    above = np.sqrt((high - one) ** 2 + (other - other_low) ** 2)
    return one - other - below, one - other + above


def _score_interval(k: Integers, n: Integers) -> tuple[Floats, Floats]:
    z = 1.959964
    with np.errstate(divide="ignore", invalid="ignore"):
        p = k / n
        middle, reach = p + z * z / (2 * n), z * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        return (middle - reach) / (1 + z * z / n), (middle + reach) / (1 + z * z / n)


def trend(k: Integers, n: Integers) -> float:
    """Return the two-sided p-value of a steady rise or fall of k of n from row to row (Cochran 1954, Armitage 1955).

    Not a number with fewer than three rows, or when all or none hit.
    """
    whole, hits = n.sum(), k.sum()
    if len(n) < 3 or hits in (0, whole):
        return float("nan")
    place = np.arange(len(n)) - (np.arange(len(n)) * n).sum() / whole
    share = hits / whole
    spread = share * (1 - share) * (n * place**2).sum()
    return float(chi2.sf((place * (k - n * share)).sum() ** 2 / spread, 1)) if spread > 0 else float("nan")


def found_differences(
    k: Integers,
    n: Integers,
    other_k: Integers,
    other_n: Integers,
    is_enough: npt.NDArray[np.bool_],
    families: npt.NDArray[np.object_],
) -> dict[str, pa.Array]:
    """Return the columns p_value, p_adjusted and verdict of many comparisons of two shares.

    Args:
        k: Hits, shape (rows,).
        n: Cases, same shape.
        other_k: Hits of what each is compared with.
        other_n: Cases of it.
        is_enough: Both sides have cases enough to say something; other rows are not tested.
        families: Name of the family that each row is adjusted within.
    """
    p = np.full(len(n), np.nan)
    p[is_enough] = two_shares(k[is_enough], n[is_enough], other_k[is_enough], other_n[is_enough])
    adjusted = np.full(len(p), np.nan)
    for family in sorted(set(families.tolist())):
        adjusted[families == family] = false_discovery_rate(p[families == family])
    is_above = k * other_n > other_k * n
    verdict = np.where(adjusted <= FALSE_DISCOVERY_RATE, np.where(is_above, "above", "below"), "no difference shown")
    return {
        "p_value": pa.array(p, pa.float64(), from_pandas=True),
        "p_adjusted": pa.array(adjusted, pa.float64(), from_pandas=True),
        "verdict": pa.array(np.where(is_enough, verdict, "too few to say").tolist(), pa.string()),
    }
