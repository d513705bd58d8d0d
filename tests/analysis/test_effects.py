"""Comparisons within strata against second implementations, and what must hold of them for any cells."""

from __future__ import annotations

import math
from dataclasses import astuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import t as student

from pipeline.analysis.effects import (
    Cells,
    Compared,
    Ratio,
    compare,
    is_off,
    is_shifted,
    is_way_to_buy,
    leans_the_same_way,
)

#: Windows: stratum, group, is exposed, has the outcome.
Window = tuple[int, int, bool, bool]
WINDOWS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 7), st.booleans(), st.booleans()), max_size=60)


def cells(windows: list[Window], *, is_exposed: bool, strata: int = 4, groups: int = 8) -> Cells:
    made = np.zeros((2, strata, groups))
    for stratum, group, exposed, hit in windows:
        if exposed == is_exposed:
            made[0, stratum, group] += 1
            made[1, stratum, group] += hit
    return Cells(made[0], made[1])


def compared(windows: list[Window]) -> Compared:
    return compare(cells(windows, is_exposed=True), cells(windows, is_exposed=False))


def flat(found: Compared) -> list[float]:
    return [value for part in astuple(found) for value in (part if isinstance(part, tuple) else (part,))]


def by_regression(windows: list[Window]) -> tuple[float, float, int]:
    """Return difference, its error by groups and the number of groups: a regression on exposure and strata."""
    mixed = {
        k for k in range(4) if {e for stratum, _, e, _ in windows if stratum == k} == {True, False}
    }  # fmt: skip
    kept = [window for window in windows if window[0] in mixed]
    x = np.array([[float(exposed), *(float(stratum == k) for k in sorted(mixed))] for stratum, _, exposed, _ in kept])
    y = np.array([float(hit) for *_, hit in kept])
    bread = np.linalg.inv(x.T @ x)
    slopes = bread @ x.T @ y
    residuals = y - x @ slopes
    named = sorted({group for _, group, _, _ in kept})
    scores = [x.T @ (residuals * np.array([window[1] == group for window in kept])) for group in named]
    meat = sum((np.outer(score, score) for score in scores), np.zeros((x.shape[1], x.shape[1])))
    spread = bread @ meat @ bread * len(named) / max(len(named) - 1, 1)
    return float(slopes[0]), math.sqrt(max(spread[0, 0], 0)), len(named)


def by_hand(windows: list[Window]) -> tuple[float, float, float]:
    """Return the odds ratio, its variance by chance and that of the difference's sum: one stratum after the other."""
    ups, downs, rights, wrongs, chance = [0.125], [0.125], [0.5], [0.5], 0.0
    for k in range(4):
        mine = [window for window in windows if window[0] == k]
        a, b, c, d = (sum((e, h) == want for _, _, e, h in mine) for want in ((1, 1), (1, 0), (0, 1), (0, 0)))
        if a + b == 0 or c + d == 0:
            continue
        n = a + b + c + d
        ups.append(a * d / n)
        downs.append(b * c / n)
        rights.append((a + d) / n)
        wrongs.append((b + c) / n)
        chance += (a + b) * (c + d) * (a + c) * (b + d) / (n * n * (n - 1)) if n > 1 else 0
    up, down = sum(ups), sum(downs)
    variance = sum(
        p * r / (2 * up**2) + (p * s + q * r) / (2 * up * down) + q * s / (2 * down**2)
        for r, s, p, q in zip(ups, downs, rights, wrongs, strict=True)
    )
    return up / down, variance, chance


@settings(max_examples=60, deadline=None)
@given(WINDOWS)
def test_difference_and_odds_are_those_of_a_regression_and_of_a_plain_loop(windows) -> None:
    found = compared(windows)
    if not found.count_exposed:
        assert math.isnan(found.difference)
        return
    difference, error, groups = by_regression(windows)
    odds, variance, chance = by_hand(windows)
    assert found.difference == pytest.approx(difference, abs=1e-9)
    assert found.exposed_rate - found.others_rate == pytest.approx(difference, abs=1e-9)
    assert found.odds.value == pytest.approx(odds)
    reach = student.ppf(0.975, max(groups - 1, 1))
    weight = sum(
        e * o / (e + o)
        for e, o in (
            tuple(sum(w[0] == k and w[2] == side for w in windows) for side in (True, False)) for k in range(4)
        )
        if e and o
    )  # fmt: skip
    half = reach * max(error, math.sqrt(chance) / weight)
    assert found.low == pytest.approx(max(difference - half, -1), abs=1e-9)
    assert found.high == pytest.approx(min(difference + half, 1), abs=1e-9)
    # The error by groups can only widen the interval of the odds ratio beyond that of chance.
    assert math.log(found.odds.high / found.odds.value) >= reach * math.sqrt(variance) - 1e-9


@settings(max_examples=60, deadline=None)
@given(WINDOWS)
def test_the_opposite_outcome_has_the_inverse_odds_and_the_opposite_difference(windows) -> None:
    found = compared(windows)
    turned = compared([(stratum, group, exposed, not hit) for stratum, group, exposed, hit in windows])
    swapped = compared([(stratum, group, not exposed, hit) for stratum, group, exposed, hit in windows])
    for other in (turned, swapped):
        assert astuple(other.odds) == pytest.approx(astuple(found.odds.inverse()), nan_ok=True)
        assert other.difference == pytest.approx(-found.difference, nan_ok=True)
        assert other.p_value == pytest.approx(found.p_value, nan_ok=True)
        assert other.crude_odds == pytest.approx(1 / found.crude_odds)
        assert other.phi == pytest.approx(-found.phi, nan_ok=True)


@settings(max_examples=40, deadline=None)
@given(WINDOWS, st.randoms())
def test_order_and_names_of_strata_and_groups_and_strata_of_one_side_change_nothing(windows, random) -> None:
    found = compared(windows)
    shuffled = random.sample(windows, len(windows))
    renamed = [(3 - stratum, (group + 3) % 8, exposed, hit) for stratum, group, exposed, hit in shuffled]
    assert flat(compared(renamed)) == pytest.approx(flat(found), nan_ok=True)
    alone = [(4, 0, True, True), (4, 1, True, False)]
    wider = compare(
        cells([*windows, *alone], is_exposed=True, strata=5), cells([*windows, *alone], is_exposed=False, strata=5)
    )
    assert wider.difference == pytest.approx(found.difference, nan_ok=True)
    assert astuple(wider.odds) == pytest.approx(astuple(found.odds), nan_ok=True)
    assert wider.p_value == pytest.approx(found.p_value, nan_ok=True)


@settings(max_examples=60, deadline=None)
@given(WINDOWS)
def test_values_stay_within_their_bounds(windows) -> None:
    found = compared(windows)
    assert found.crude_odds > 0
    assert math.isnan(found.phi) or -1 <= found.phi <= 1
    if found.count_exposed:
        assert -1 <= found.low <= found.difference <= found.high <= 1
        assert 0 < found.odds.low <= found.odds.value <= found.odds.high < math.inf
        assert 0 <= found.p_value <= 1


def test_one_stratum_is_the_plain_table() -> None:
    windows = [
        (0, n % 8, exposed, hit)
        for n, (exposed, hit) in enumerate([(True, True)] * 30 + [(True, False)] * 70 + [(False, True)] * 20 + [(False, False)] * 180)
    ]  # fmt: skip
    found = compared(windows)
    assert found.difference == pytest.approx(0.3 - 0.1)
    assert found.odds.value == pytest.approx((30 * 180 / 300 + 0.125) / (70 * 20 / 300 + 0.125))
    assert found.crude_odds == pytest.approx(30.5 * 180.5 / (70.5 * 20.5))
    table = np.array([[1.0] * 100 + [0.0] * 200, [1.0] * 30 + [0.0] * 70 + [1.0] * 20 + [0.0] * 180])
    assert found.phi == pytest.approx(np.corrcoef(table)[0, 1])
    assert found.expected_hits == pytest.approx(100 * 50 / 300)


def test_a_difference_made_by_strata_alone_is_none_within_them() -> None:
    """Simpson's paradox: exposed are found where most have the outcome anyway."""
    windows = [
        (stratum, n % 8, exposed, hit)
        for stratum, exposed, hits, count in ((0, True, 80, 100), (0, False, 8, 10), (1, True, 1, 10), (1, False, 10, 100))
        for n, hit in enumerate([True] * hits + [False] * (count - hits))
    ]  # fmt: skip
    found = compared(windows)
    assert found.difference == pytest.approx(0, abs=1e-9)
    assert found.crude_odds > 8
    assert found.odds.value == pytest.approx(1, abs=0.02)
    assert is_shifted(found)


def drawn(seed: int, effect: float, per_person: int = 3) -> Compared:
    """Draw people with several windows each, who differ in how they lean to the outcome and to the exposure's stratum."""
    draw = np.random.default_rng(seed)
    person = np.repeat(np.arange(600), per_person)
    lean = np.repeat(draw.normal(0, 0.08, 600), per_person)
    stratum = draw.integers(0, 4, len(person))
    # Exposure goes by person, so that windows of one person are no independent cases.
    exposed = np.repeat(draw.random(600), per_person) < 0.2 + 0.15 * stratum
    hit = draw.random(len(person)) < 0.15 + 0.1 * stratum + effect * exposed + lean
    place = (stratum, person % 32)
    made = np.zeros((4, 4, 32))
    for part, which in zip(made, (exposed, exposed & hit, ~exposed, ~exposed & hit), strict=True):
        np.add.at(part, (stratum[which], (person % 32)[which]), 1)
    assert place[0].shape == person.shape
    return compare(Cells(made[0], made[1]), Cells(made[2], made[3]))


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    found = [drawn(seed, 0.08) for seed in range(400)]
    held = np.mean([one.low <= 0.08 <= one.high for one in found])
    assert 0.925 <= held <= 0.985
    nothing = [drawn(seed, 0.0) for seed in range(400)]
    assert np.mean([one.p_value <= 0.05 for one in nothing]) <= 0.075
    assert np.mean([one.odds.low <= 1 <= one.odds.high for one in nothing]) >= 0.925


def test_what_speaks_against_an_effect() -> None:
    assert is_off(Ratio(1.6, 1.2, 2.1))
    assert is_off(Ratio(0.6, 0.4, 0.9))
    assert not is_off(Ratio(1.6, 0.9, 2.8)), "chance may have done it"
    assert not is_off(Ratio(1.1, 1.05, 1.15)), "too small to matter, however certain"
    assert not is_off(Ratio(math.nan, math.nan, math.nan))
    assert leans_the_same_way(Ratio(1.5, 1.2, 1.9), Ratio(2, 1.5, 2.7))
    assert not leans_the_same_way(Ratio(0.5, 0.4, 0.6), Ratio(2, 1.5, 2.7)), "they order more in spite of it"
    assert is_way_to_buy(Ratio(4, 3, 5), Ratio(1.5, 1.2, 1.9))
    assert not is_way_to_buy(Ratio(1.6, 1.3, 2), Ratio(1.5, 1.2, 1.9))
    assert not is_way_to_buy(Ratio(0.8, 0.7, 0.9), Ratio(0.5, 0.4, 0.6)), "few order on the day at all"
