"""Differences of shares against scipy, and against what they promise about findings made by chance."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2_contingency, fisher_exact

from pipeline.analysis.proportions import false_discovery_rate, rises, two_shares


def whole(*values: int) -> list[np.ndarray]:
    return [np.array([value], dtype=np.int64) for value in values]


@settings(max_examples=100, deadline=None)
@given(n=st.integers(1, 400), other=st.integers(1, 400), a=st.floats(0, 1), b=st.floats(0, 1))
def test_the_difference_of_two_shares_is_scipys(n: int, other: int, a: float, b: float) -> None:
    k, other_k = round(a * n), round(b * other)
    table = np.array([[k, n - k], [other_k, other - other_k]])
    expected = table.sum(1, keepdims=True) * table.sum(0, keepdims=True) / table.sum()
    p = fisher_exact(table).pvalue if expected.min() < 5 else chi2_contingency(table, correction=False).pvalue
    assert two_shares(*whole(k, n, other_k, other))[0] == pytest.approx(float(p), abs=1e-12)


def test_a_side_without_cases_is_not_compared() -> None:
    assert np.isnan(two_shares(*whole(0, 0, 3, 10)))[0]
    assert two_shares(*whole(0, 10, 0, 10))[0] == 1


def test_adjusted_values_are_those_of_the_definition() -> None:
    p = np.array([0.01, 0.04, np.nan, 0.03, 0.005])
    found = false_discovery_rate(p)
    made = sorted(p[~np.isnan(p)])
    # Benjamini and Hochberg: the least of p(j) · m / j over all j from the rank of p on.
    by_hand = [min(made[j] * 4 / (j + 1) for j in range(made.index(value), 4)) for value in p[~np.isnan(p)]]
    assert found[~np.isnan(p)] == pytest.approx(by_hand)
    assert np.isnan(found[2])
    assert np.isnan(false_discovery_rate(np.array([np.nan]))).all()


def test_where_nothing_differs_little_is_found() -> None:
    random = np.random.default_rng(2)
    families = 0
    for _ in range(200):
        n = random.integers(30, 400, 12)
        k = random.binomial(n, 0.2)
        p = two_shares(k, n, k.sum() - k, n.sum() - n)
        families += bool((false_discovery_rate(p) <= 0.1).any())
    assert families / 200 <= 0.15


def test_a_rise_is_found_on_one_side_only() -> None:
    assert rises(60, 100, 300, 1000) < 1e-6
    assert rises(10, 100, 300, 1000) > 0.99
