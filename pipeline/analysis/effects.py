"""Whether those who were exposed did more often what is asked, compared with others of the same stratum.

A case is a window of a person. Strata hold windows that were alike before the exposure; within one, exposed and others
are compared, and strata are added up with the weights of Mantel and Haenszel (1959). A person can have several windows,
so people stand in groups of chance, and uncertainty is that of groups, never of windows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import t as student

Floats = npt.NDArray[np.float64]

#: A stratum of four halves, one of each kind, is added to every odds ratio: it draws it to 1 where there is little to
#: go by, and keeps it finite (Haldane 1956). It adds this much to either side of the ratio of Mantel and Haenszel.
PRIOR = 0.5
_LEVEL = 0.95
#: Fewer windows than these of any of the four kinds, as expected without an effect, tell nothing (Cochran 1954).
LEAST_EXPECTED = 5
#: Odds of something that the exposure cannot have caused may lie this much apart before it counts as a warning, and so
#: may the odds ratio before and after strata are compared.
TOLERANCE = 1.25


@dataclass(frozen=True)
class Cells:
    """Windows and those of them with the outcome, by stratum and group of people: each of shape (strata, groups)."""

    cases: Floats
    hits: Floats

    def minus(self, other: Cells) -> Cells:
        """Return the windows that the other cells do not hold."""
        return Cells(self.cases - other.cases, self.hits - other.hits)


@dataclass(frozen=True)
class Ratio:
    """An odds ratio with the ends of its 95 % interval."""

    value: float
    low: float
    high: float

    def inverse(self) -> Ratio:
        """Return the odds ratio of the opposite outcome."""
        return Ratio(1 / self.value, 1 / self.high, 1 / self.low)


@dataclass(frozen=True)
class Compared:
    """Exposed windows against the others of their strata."""

    count_exposed: int
    """Exposed windows that have others in their stratum."""
    count_others: int
    """Others that have exposed ones in their stratum."""
    exposed_rate: float
    """Share of the exposed with the outcome."""
    others_rate: float
    """Share of the others, weighted as the strata of the exposed are compared."""
    difference: float
    low: float
    high: float
    """Difference of the two shares within strata, and the ends of its 95 % interval."""
    p_value: float
    odds: Ratio
    crude_odds: float
    """The odds ratio of all windows together, whatever their stratum."""
    phi: float
    """Correlation of exposure and outcome over all windows together, -1 to 1."""
    expected_hits: float
    """The least number of windows that any of the four kinds would hold without an effect."""
    effective_groups: int


def compare(exposed: Cells, others: Cells) -> Compared:
    """Compare exposed windows with the others of the same stratum.

    Strata in which all or none are exposed say nothing and are left out. The difference is that of Mantel and Haenszel,
    which equals the regression of the outcome on exposure and strata; its error is the larger of the one by groups
    of people (Liang and Zeger 1986) and of the one by chance alone (hypergeometric, Mantel and Haenszel).

    Args:
        exposed: Exposed windows.
        others: The others, same shape.

    Returns:
        Values are not a number where no stratum has both.
    """
    crude = (
        exposed.hits.sum(),
        (exposed.cases - exposed.hits).sum(),
        others.hits.sum(),
        (others.cases - others.hits).sum(),
    )
    mixed = (exposed.cases.sum(axis=1) > 0) & (others.cases.sum(axis=1) > 0)
    one, two = (Cells(part.cases[mixed], part.hits[mixed]) for part in (exposed, others))
    n1, n0, a, c = (part.sum(axis=1) for part in (one.cases, two.cases, one.hits, two.hits))
    n, m = n1 + n0, a + c
    b, d = n1 - a, n0 - c
    weight = n1 * n0 / np.maximum(n, 1)
    score = (a * d - b * c) / np.maximum(n, 1)
    chance = n1 * n0 * m * (n - m) / np.maximum(n**2 * (n - 1), 1)
    expected = (
        min((float(x.sum()) for x in (n1 * m / n, n1 * (n - m) / n, n0 * m / n, n0 * (n - m) / n)), default=0.0)
        if len(n)
        else 0.0
    )
    groups = int(((one.cases + two.cases).sum(axis=0) > 0).sum())
    whole = weight.sum()
    if whole <= 0:
        nan = float("nan")
        return Compared(
            0, 0, nan, nan, nan, nan, nan, nan, Ratio(nan, nan, nan), _odds(*crude), _phi(*crude), 0.0, groups
        )
    difference = score.sum() / whole
    share, mean = (n1 / n)[:, None], (m / n)[:, None]
    cases, hits = one.cases + two.cases, one.hits + two.hits
    moved = (one.hits - share * hits - mean * one.cases + share * mean * cases).sum(axis=0)
    leverage = (one.cases * (1 - 2 * share) + share**2 * cases).sum(axis=0)
    error = float(np.sqrt(max(_spread(moved - difference * leverage, groups), chance.sum()))) / whole
    reach = student.ppf((1 + _LEVEL) / 2, max(groups - 1, 1))
    p = float(2 * student.sf(abs(difference) / error, max(groups - 1, 1))) if error > 0 else 1.0
    exposed_rate, others_rate = (float((weight * hit / case).sum() / whole) for hit, case in ((a, n1), (c, n0)))
    return Compared(
        int(n1.sum()), int(n0.sum()), exposed_rate, others_rate,
        float(difference), max(float(difference - reach * error), -1.0), min(float(difference + reach * error), 1.0),
        p, _ratio(one, two, reach, groups), _odds(*crude), _phi(*crude), expected, groups,
    )  # fmt: skip


def _spread(parts: Floats, groups: int) -> float:
    """Return the variance of a sum of parts by groups that add up to nothing."""
    return float((parts**2).sum()) * groups / max(groups - 1, 1)


def _ratio(one: Cells, two: Cells, reach: float, groups: int) -> Ratio:
    """Return the odds ratio of Mantel and Haenszel; its error is the larger of the one by groups and of chance alone.

    By groups: the logarithm linearised in the cells of each group. By chance: Robins, Breslow and Greenland 1986.
    """
    a, c = one.hits.sum(axis=1)[:, None], two.hits.sum(axis=1)[:, None]
    b, d = one.cases.sum(axis=1)[:, None] - a, two.cases.sum(axis=1)[:, None] - c
    n = a + b + c + d
    ag, cg, bg, dg = one.hits, two.hits, one.cases - one.hits, two.cases - two.hits
    ng = ag + bg + cg + dg
    prior = PRIOR**2 / (4 * PRIOR)
    up, down = (a * d / n).sum() + prior, (b * c / n).sum() + prior
    up_parts = ((ag * d + a * dg) / n - a * d * ng / n**2).sum(axis=0)
    down_parts = ((bg * c + b * cg) / n - b * c * ng / n**2).sum(axis=0)
    by_groups = _spread(up_parts / up - down_parts / down, groups)
    right, wrong = np.append((a + d) / n, 0.5), np.append((b + c) / n, 0.5)
    ups, downs = np.append(a * d / n, prior), np.append(b * c / n, prior)
    by_chance = (
        (right * ups).sum() / (2 * up**2)
        + (right * downs + wrong * ups).sum() / (2 * up * down)
        + (wrong * downs).sum() / (2 * down**2)
    )
    middle, error = np.log(up / down), np.sqrt(max(by_groups, by_chance))
    return Ratio(*(float(np.exp(middle + side * reach * error)) for side in (0, -1, 1)))


def _odds(a: float, b: float, c: float, d: float) -> float:
    """Return the odds ratio of a table with a half added to each cell (Haldane 1956, Anscombe 1956)."""
    return float((a + PRIOR) * (d + PRIOR) / ((b + PRIOR) * (c + PRIOR)))


def _phi(a: float, b: float, c: float, d: float) -> float:
    """Return the correlation of the two sides of a table (Yule 1912); not a number where one side is all alike."""
    scale = float(a + b) * float(c + d) * float(a + c) * float(b + d)
    return float((a * d - b * c) / np.sqrt(scale)) if scale > 0 else float("nan")


def is_off(before: Ratio) -> bool:
    """Tell whether an outcome that the exposure cannot have caused goes along with it all the same (placebo check).

    Negative control outcomes: Lipsitch, Tchetgen Tchetgen and Cohen 2010. Less than `TOLERANCE` is let pass, since with
    many windows the smallest difference is more than chance.
    """
    is_sure = before.low > 1 or before.high < 1
    return is_sure and not 1 / TOLERANCE <= before.value <= TOLERANCE


def leans_the_same_way(before: Ratio, after: Ratio) -> bool:
    """Tell whether what was there before may have made what is seen after it: both lie on one side of 1.

    People who were less near to an order before, and order more often after, do so in spite of it.
    """
    return (before.value > 1) == (after.value > 1)


def is_shifted(compared: Compared) -> bool:
    """Tell whether comparing within strata moved the odds ratio by more than `TOLERANCE`.

    The rule of the change in estimate: Maldonado and Greenland 1993.
    """
    return not 1 / TOLERANCE <= compared.crude_odds / compared.odds.value <= TOLERANCE


def is_way_to_buy(that_day: Ratio, after: Ratio) -> bool:
    """Tell whether the exposed order on the very day more than in the days after.

    Who had decided to buy comes this way and buys at once; what convinces lasts longer than its day. The two cannot be
    told apart here, so it is a warning whichever it is.
    """
    return that_day.low > max(1.0, after.value)
