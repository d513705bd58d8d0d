"""Arms of experiments against scipy and plain loops, and how often their intervals hold the truth."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest, chi2, ttest_1samp, ttest_ind

from pipeline.analysis.trials import mean_interval, means_differ, sample_ratio, shares_differ


def test_the_published_interval() -> None:
    """Newcombe 1998, table II, row a: 56 of 70 against 48 of 80, method 10."""
    found = shares_differ(56, 70, 48, 80)
    assert (round(found.value, 4), round(found.low, 4), round(found.high, 4)) == (0.2, 0.0524, 0.3339)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 400), st.integers(1, 400), st.data())
def test_a_difference_of_shares_stays_within_its_bounds_and_turns_with_its_sides(n, other_n, data) -> None:
    k, other_k = data.draw(st.integers(0, n)), data.draw(st.integers(0, other_n))
    found, turned = shares_differ(k, n, other_k, other_n), shares_differ(other_k, other_n, k, n)
    assert -1 - 1e-9 <= found.low <= found.value <= found.high <= 1 + 1e-9
    assert (turned.value, turned.low, turned.high) == pytest.approx((-found.value, -found.high, -found.low))
    assert turned.p_value == pytest.approx(found.p_value)
    one_arm = binomtest(k, n).proportion_ci(method="wilson")
    assert math.hypot(k / n - one_arm.low, 0) <= found.value - found.low + 1e-6


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.floats(-1000, 1000), min_size=2, max_size=40), st.lists(st.floats(-1000, 1000), min_size=2, max_size=40)
)
def test_means_are_those_of_welch(one, other) -> None:
    ours = means_differ(
        sum(one), sum(x * x for x in one), len(one), sum(other), sum(x * x for x in other), len(other)
    )  # fmt: skip
    if np.std(one) + np.std(other) < 1e-3:
        return
    theirs = ttest_ind(one, other, equal_var=False)
    ends = theirs.confidence_interval()
    assert ours.p_value == pytest.approx(theirs.pvalue, abs=1e-6)
    assert (ours.low, ours.high) == pytest.approx((ends.low, ends.high), rel=1e-5, abs=1e-4)
    if np.std(one) > 1e-3:
        alone = ttest_1samp(one, 0).confidence_interval()
        assert mean_interval(sum(one), sum(x * x for x in one), len(one))[1:] == pytest.approx(
            (alone.low, alone.high), rel=1e-5, abs=1e-4
        )


def test_odd_arms_have_an_answer() -> None:
    assert math.isnan(shares_differ(0, 0, 3, 9).value)
    assert shares_differ(0, 50, 0, 50)[::3] == (0, 1)
    assert means_differ(0, 0, 50, 0, 0, 50) == (0, 0, 0, 1)
    assert means_differ(100, 200, 50, 0, 0, 50).p_value == 0, "all spent 2 here, and nobody anything there"
    assert math.isnan(means_differ(5, 25, 1, 5, 25, 1).value)
    assert math.isnan(mean_interval(0, 0, 0)[0])
    assert mean_interval(5, 25, 1)[0] == 5


def test_the_sample_ratio() -> None:
    assert math.isnan(sample_ratio([10], [1.0]))
    assert math.isnan(sample_ratio([0, 0], [0.5, 0.5]))
    assert sample_ratio([10, 10], [1, 0]) == 0
    assert sample_ratio([900, 100], [0.9, 0.1]) == 1
    by_hand = (5210 - 5000) ** 2 / 5000 * 2
    assert sample_ratio([5210, 4790], [0.5, 0.5]) == pytest.approx(chi2.sf(by_hand, 1))
    assert sample_ratio([5210, 4790], [0.5, 0.5]) < 0.001
    assert sample_ratio([521, 479], [1, 1]) > 0.1
    assert sample_ratio([30, 31, 29], [1 / 3] * 3) > 0.9


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    draw = np.random.default_rng(4)
    held = []
    for _ in range(2000):
        k, other_k = draw.binomial(300, 0.12), draw.binomial(120, 0.08)
        found = shares_differ(int(k), 300, int(other_k), 120)
        held.append(found.low <= 0.04 <= found.high)
    assert 0.935 <= np.mean(held) <= 0.975
    spent = []
    for _ in range(2000):
        one, other = draw.lognormal(3, 0.6, 200) * (draw.random(200) < 0.4), draw.lognormal(3, 0.6, 200)
        found = means_differ(one.sum(), (one**2).sum(), 200, other.sum(), (other**2).sum(), 200)
        spent.append(found.low <= -0.6 * math.exp(3.18) <= found.high)
    assert 0.93 <= np.mean(spent) <= 0.97
