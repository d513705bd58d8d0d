"""Shapley values against every order of the players written out, and against the worked example."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from pipeline.analysis.shapley import (
    SetRates,
    dividends,
    sampled_shapley_values,
    shapley_of_rates,
    shapley_values,
    subset_sums,
)
from tests.analysis.walks import GOLDEN

GAMES = st.integers(1, 5).flatmap(lambda m: st.lists(st.floats(-5, 5), min_size=2**m, max_size=2**m))


def by_hand(values: list[float]) -> list[float]:
    """Average what each player adds over all orders in which they can come."""
    count = len(values).bit_length() - 1
    added, orders = [0.0] * count, list(permutations(range(count)))
    for order in orders:
        joined = 0
        for player in order:
            added[player] += values[joined | 1 << player] - values[joined]
            joined |= 1 << player
    return [total / len(orders) for total in added]


@settings(max_examples=100, deadline=None)
@given(values=GAMES)
def test_values_are_those_of_all_orders_written_out(values) -> None:
    assert shapley_values(values) == pytest.approx(by_hand(values), abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(values=GAMES)
def test_values_are_the_dividends_shared_equally(values) -> None:
    count = len(values).bit_length() - 1
    shares = dividends(values)
    expected = [
        sum(shares[s] / s.bit_count() for s in range(1, 1 << count) if s >> player & 1) for player in range(count)
    ]
    assert shapley_values(values) == pytest.approx(expected, abs=1e-9)
    assert subset_sums(shares) == pytest.approx(np.array(values), abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(values=GAMES)
def test_values_add_up_and_equals_get_the_same(values) -> None:
    count = len(values).bit_length() - 1
    assert shapley_values(values).sum() == pytest.approx(values[-1] - values[0], abs=1e-9)
    sizes = np.array([values[s.bit_count()] for s in range(1 << count)])
    assert np.ptp(shapley_values(sizes)) == pytest.approx(0, abs=1e-9)


def test_sixteen_channels_are_exact() -> None:
    worth = np.random.default_rng(5).random(16)
    members = np.arange(1 << 16)[:, np.newaxis] >> np.arange(16) & 1
    assert shapley_values(members @ worth) == pytest.approx(worth, abs=1e-9)


def test_drawn_orders_come_near_and_repeat() -> None:
    values = np.random.default_rng(2).random(1 << 8)
    drawn = [sampled_shapley_values(lambda sets: values[sets], 8, permutations=6000, seed=4) for _ in range(2)]
    assert drawn[0].tolist() == drawn[1].tolist()
    assert drawn[0] == pytest.approx(shapley_values(values), abs=0.02)


def golden_sets() -> tuple[np.ndarray, np.ndarray]:
    won, seen = np.zeros(8), np.zeros(8)
    for path, (converted, lost) in GOLDEN.items():
        mask = sum(1 << ord(letter) - 65 for letter in set(path))
        won[mask] += converted
        seen[mask] += converted + lost
    return won, seen


def test_the_worked_example() -> None:
    won, seen = golden_sets()
    rate = np.divide(won, seen, out=np.zeros(8), where=seen > 0)
    assert shapley_values(rate) == pytest.approx([0.333333, 0.6, 0.066667], abs=1e-6)
    assert shapley_values(subset_sums(won)) == pytest.approx([3.666667, 5.166667, 1.166667], abs=1e-6)
    below = np.divide(subset_sums(won), subset_sums(seen), out=np.zeros(8), where=subset_sums(seen) > 0)
    assert shapley_values(below) == pytest.approx([0.140865, 0.306250, -0.062500], abs=1e-6)


def test_seen_sets_are_drawn_to_what_their_channels_let_expect() -> None:
    """The fit is found a second time by minimising its loss as it is written down."""
    won, seen = golden_sets()
    sets = np.flatnonzero(seen)
    members = (sets[:, np.newaxis] >> np.arange(3) & 1).astype(float)
    k, n = won[sets], seen[sets]

    def loss(factors: np.ndarray) -> float:
        told = factors[0] + members @ factors[1:]
        return float(np.sum(n * np.logaddexp(0, told) - k * told) + 0.5 * 30 / 4 * np.sum(factors[1:] ** 2))

    factors = minimize(loss, np.zeros(4), tol=1e-12).x
    expected = 1 / (1 + np.exp(-factors[0] - members @ factors[1:]))
    rates = SetRates(sets, 3, prior=30).values(k, n - k)
    assert rates(sets)[0] == pytest.approx((k + 30 * expected) / (n + 30), abs=1e-5)
    assert rates(np.array([0]))[0].tolist() == [0.0]


def test_a_set_nobody_had_is_worth_what_its_channels_let_expect() -> None:
    """Channels that double the odds each, seen alone and in pairs: the three together are foretold."""
    sets = np.array([1, 2, 3, 4, 5, 6])
    odds = np.array([0.1 * 2.0 ** int(s).bit_count() for s in sets])
    seen = np.full(6, 1e6)
    won = seen * odds / (1 + odds)
    found = SetRates(sets, 3, prior=1e-3).values(won, seen - won)(np.array([7]))[0, 0]
    assert found == pytest.approx(0.8 / 1.8, abs=1e-3)


def test_channels_without_a_difference_get_the_same() -> None:
    sets = np.arange(1, 64)
    values = shapley_of_rates(sets, np.full(63, 20.0), np.full(63, 80.0), 6, prior=30)[0]
    assert values == pytest.approx(np.full(6, 0.2 / 6), abs=1e-9)


def test_more_channels_than_are_exact_are_drawn() -> None:
    sets = np.sort(np.random.default_rng(1).choice(1 << 24, 40, replace=False)) + 1
    values = shapley_of_rates(sets, np.full(40, 5.0), np.full(40, 15.0), 25, prior=30)[0]
    assert values.shape == (25,)
    assert values.sum() == pytest.approx(0.25, abs=0.05)


def test_nothing_converts_and_nothing_is_worth_anything() -> None:
    assert shapley_of_rates(np.array([1, 2]), [0, 0], [5, 5], 2, prior=30).tolist() == [[0.0, 0.0]]


@pytest.mark.parametrize("won", [[0.0, 40.0], [40.0, 0.0], [40.0, 40.0]])
def test_sets_that_always_or_never_convert_give_finite_values(won) -> None:
    values = shapley_of_rates(np.array([1, 2]), won, 40 - np.array(won), 2, prior=0)
    assert np.isfinite(values).all()
