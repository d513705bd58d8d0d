"""What it costs that people stop at a step where others like them go on, and how far chance may have moved the sum."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt
from scipy.stats import beta

from pipeline.analysis.proportions import false_discovery_rate, two_shares

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

_TAIL = 0.025
#: Squared 97.5 % point of the normal distribution.
_Z2 = 3.841458820694124


@dataclass(frozen=True)
class Steps:
    """Sums for each segment and step, each of shape (..., rows)."""

    #: Attempts that got to the step, those that went on, and those that ended in an order.
    reached: Floats
    went_on: Floats
    bought: Floats
    #: Of those that stopped here, those whose days to buy after all are over, and those that bought in them.
    closed: Floats
    recovered: Floats
    #: Net revenue of the orders.
    revenue: Floats

    @property
    def dropped(self) -> Floats:
        """Those that stopped at the step."""
        return self.reached - self.went_on

    def drawn(self, taken: Floats) -> Steps:
        """Return the sums of draws; the first axis of the sums and the last of `taken` are groups of people."""
        return Steps(*(taken @ getattr(self, field.name) for field in fields(self)))

    def total(self) -> Steps:
        """Return the sums over groups of people, the first axis."""
        return Steps(*(getattr(self, field.name).sum(axis=0) for field in fields(self)))

    def pooled(self, families: Ints) -> Steps:
        """Return for each row the sums over all rows of its family, shape of the sums."""
        names, place = np.unique(families, return_inverse=True)
        member = (place[:, np.newaxis] == np.arange(len(names))).astype(float)
        return Steps(*((getattr(self, field.name) @ member)[..., place] for field in fields(self)))


def share_lows(k: Floats, n: Floats) -> Floats:
    """Return the lower ends of 95 % intervals of shares, as `share_low` of models/functions.sql.

    Exact (Clopper and Pearson 1934) on at most 100 cases and when all hit, else the score interval (Wilson 1927);
    not a number where there is no case.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        p = k / n
        score = (p + _Z2 / (2 * n) - np.sqrt(_Z2 * (p * (1 - p) / n + _Z2 / (4 * n * n)))) / (1 + _Z2 / n)
        exact = beta.ppf(_TAIL, np.maximum(k, 0.5), n - k + 1)
    low = np.where((n > 100) & (k < n), score, exact)
    return np.where(n > 0, np.where(k > 0, low, 0.0), np.nan)


def references(steps: Steps, families: Ints, is_comparable: Bools) -> tuple[Floats, Ints]:
    """Return for each row the rate it could run at, and the row that shows it.

    The rate is the lower end of the interval of the best comparable segment of the same breakdown and step: what that
    segment reaches with certainty, never 100 %. Of equal ones the first.

    Returns:
        Rates, not a number where no segment is comparable; and places of the rows, -1 there.
    """
    lows = np.where(is_comparable, share_lows(steps.went_on, steps.reached), -1.0)
    best = np.full(len(lows), -1, dtype=np.int64)
    for family in np.unique(families):
        rows = np.flatnonzero(families == family)
        winner = rows[np.argmax(lows[rows])]
        if lows[winner] >= 0:
            best[rows] = winner
    return np.where(best >= 0, lows[best], np.nan), best


@dataclass(frozen=True)
class Loss:
    """The loss of each row and what it is made of, each of shape (..., rows); not a number where it cannot be told."""

    #: Of those who stopped: bought within the window after all; would have gone on at the reference; the rest.
    recovered_share: Floats
    addressable_share: Floats
    not_recoverable_share: Floats
    #: Orders that would have come at the reference beyond those recovered, what one is worth, and both together.
    orders: Floats
    mean_order: Floats
    revenue: Floats


def losses(
    steps: Steps, pool: Steps, is_own: dict[str, Bools], reference: Floats, reached: Floats | None = None
) -> Loss:
    """Work out what was lost at each step.

    Lost revenue = people who stopped x the share of them who would have gone on at the reference rate x the share of
    those that buy x the mean net order of converters x the share not recovered within the window. An order worth less
    than nothing after refunds counts as nothing, so a loss is never negative.

    Args:
        steps: Sums of the rows.
        pool: Sums of the rows' families, which stand in where a row has too few cases.
        is_own: For `buying`, `recovered` and `order`: rows with cases enough of their own, shape (rows,).
        reference: The rate each row could run at, taken as given, shape (rows,).
        reached: People the loss is told for; default: those of `steps`. Draws keep the number that really came.
    """
    count = steps.reached if reached is None else reached
    went_on = _over(steps.went_on, steps.reached)
    buying = np.where(is_own["buying"], _over(steps.bought, steps.went_on), _over(pool.bought, pool.went_on))
    back = np.where(is_own["recovered"], _over(steps.recovered, steps.closed), _over(pool.recovered, pool.closed))
    # Who never stops has nothing to win back.
    back = np.where(pool.dropped > 0, back, 0.0)
    worth = np.where(is_own["order"], _over(steps.revenue, steps.bought), _over(pool.revenue, pool.bought))
    worth = np.maximum(worth, 0.0)
    more = np.maximum(reference - went_on, 0.0)
    could = np.where(went_on < 1, _over(more, 1 - went_on), 0.0)
    orders = count * more * buying * (1 - back)
    return Loss(back, (1 - back) * could, (1 - back) * (1 - could), orders, worth, orders * worth)


def loss_intervals(
    groups: Steps, families: Ints, is_own: dict[str, Bools], reference: Floats, taken: Floats
) -> tuple[Floats, Floats]:
    """Return the ends of the 95 % intervals of lost revenue, by drawing groups of people again (percentile bootstrap).

    The reference is a rate given beforehand, on the safe side already, so it stays as it is in every draw; what varies
    is the row's own step rate, buying, recovery and order value.

    Args:
        groups: Sums by group of people, each of shape (groups, rows).
        families: Rows that may stand in for each other, shape (rows,).
        is_own: As for `losses`.
        reference: As for `losses`.
        taken: How often each draw takes each group, shape (draws, groups).
    """
    drawn = groups.drawn(taken)
    found = losses(drawn, drawn.pooled(families), is_own, reference, groups.total().reached).revenue
    ends = np.full((2, found.shape[1]), np.nan)
    is_told = ~np.isnan(found).all(axis=0)
    if is_told.any():
        ends[:, is_told] = np.nanquantile(found[:, is_told], [_TAIL, 1 - _TAIL], axis=0)
    return ends[0], ends[1]


def is_below_rest(steps: Steps, families: Ints, is_tested: Bools, level: float = 0.05) -> Bools:
    """Tell which rows go on less often than the others of their family together, by more than chance.

    The best of several is good by chance as well, so falling behind it proves little: each row is tested against the
    rest, and of what is found within a family a share of at most `level` is expected to be chance (Benjamini and
    Hochberg 1995).
    """
    whole = steps.pooled(families)
    k, n = steps.went_on.astype(np.int64), steps.reached.astype(np.int64)
    other_k, other_n = whole.went_on.astype(np.int64) - k, whole.reached.astype(np.int64) - n
    p = np.where(is_tested, two_shares(k, n, other_k, other_n), np.nan)
    found = np.zeros(len(p), dtype=np.bool_)
    for family in np.unique(families):
        rows = families == family
        found[rows] = false_discovery_rate(p[rows]) <= level
    return found & (k * other_n < other_k * n)


def _over(part: Floats, whole: Floats) -> Floats:
    return np.divide(part, whole, out=np.full(np.shape(part), np.nan), where=whole > 0)
