"""Intervals against scipy, and against what they promise: they hold the truth 95 times of 100."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.stats import binom, binomtest

from pipeline.analysis.intervals import draws, mean_interval, sum_interval
from pipeline.warehouse import Warehouse

GROUPS = 256


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(n=st.integers(1, 5000) | st.integers(1, 130), share=st.floats(0, 1))
def test_the_interval_of_a_share_is_scipys(n: int, share: float, empty: Warehouse) -> None:
    k = round(share * n)
    method = "exact" if n <= 100 or k in (0, n) else "wilson"
    expected = binomtest(k, n).proportion_ci(0.95, method=method)
    found = empty.rows(f"select share_low({k}, {n}), share_high({k}, {n})")[0]
    assert found == pytest.approx((expected.low, expected.high), abs=1e-7)


@pytest.mark.parametrize("n", [5, 30, 100, 101, 400])
def test_the_interval_of_a_share_holds_the_truth(n: int, empty: Warehouse) -> None:
    ends = np.array(empty.rows(f"select share_low(k, {n}), share_high(k, {n}) from range({n + 1}) as t(k) order by k"))
    for p in (0.02, 0.1, 0.3, 0.5):
        weight = binom.pmf(np.arange(n + 1), n, p)
        held = float(weight[(ends[:, 0] <= p) & (p <= ends[:, 1])].sum())
        # Exact ones hold it at least as often as they say; the score interval does so on average over the shares.
        assert held >= (0.95 if n <= 100 else 0.91)


def test_no_cases_have_no_interval(empty: Warehouse) -> None:
    assert empty.rows("select share_low(0, 0), share_high(0, 0), part_low(0, 0, 0), part_high(0, 0, 0)") == [
        (None,) * 4
    ]


def test_the_interval_of_a_share_of_money_holds_the_truth(empty: Warehouse) -> None:
    random = np.random.default_rng(5)
    amounts = random.lognormal(3.5, 0.8, (1500, 120))
    hit = random.random(amounts.shape) < 0.3
    given_rows = pa.table(
        {"part": (amounts * hit).sum(1), "whole": amounts.sum(1), "squares": (amounts**2).sum(1), "n": hit.sum(1)}
    )
    with empty.given(given_rows) as view:
        held, wide, narrow = empty.rows(
            f"""select avg((0.3 between part_low(part, whole, squares) and part_high(part, whole, squares))::int),
                avg(part_high(part, whole, squares) - part_low(part, whole, squares)),
                avg(share_high(n, 120) - share_low(n, 120)) from {view}"""
        )[0]
    assert 0.93 <= held <= 0.97
    assert wide > 1.2 * narrow, "orders of different worth say less than as many equal ones"


def simulated(random: np.random.Generator, buyers: float) -> tuple[np.ndarray, np.ndarray]:
    """Return what each group of buyers spends, and their orders: some buyers order again."""
    count = random.poisson(buyers)
    group = random.integers(0, GROUPS, count)
    orders = 1 + random.poisson(0.5, count)
    spent = orders * random.lognormal(3.0, 0.6, count)
    return np.bincount(group, spent, GROUPS), np.bincount(group, orders, GROUPS)


@pytest.mark.parametrize(("buyers", "least"), [(80, 0.89), (2000, 0.92)])
def test_bootstrap_intervals_hold_the_truth(buyers: int, least: float) -> None:
    random, drawn = np.random.default_rng(7), draws(GROUPS, 500, 1)
    worth = float(np.exp(3.0 + 0.6**2 / 2))
    found = [simulated(random, buyers) for _ in range(400)]
    sums, counts = (np.stack(part, axis=1).astype(float) for part in zip(*found, strict=True))
    low, high = sum_interval(sums, drawn)
    assert least <= np.mean((low <= buyers * 1.5 * worth) & (buyers * 1.5 * worth <= high)) <= 0.98
    low, high = mean_interval(sums, counts, drawn)
    assert least <= np.mean((low <= worth) & (worth <= high)) <= 0.98


def test_groups_give_the_interval_that_single_buyers_give() -> None:
    random = np.random.default_rng(3)
    spent = random.lognormal(3.0, 0.6, 5000)
    one_by_one = np.array([spent[random.integers(0, 5000, 5000)].mean() for _ in range(2000)])
    group = random.integers(0, GROUPS, 5000)
    sums, counts = np.bincount(group, spent, GROUPS)[:, None], np.bincount(group, minlength=GROUPS)[:, None]
    low, high = mean_interval(sums, counts.astype(float), draws(GROUPS, 2000, 1))
    expected = np.quantile(one_by_one, 0.975) - np.quantile(one_by_one, 0.025)
    assert float(high[0] - low[0]) == pytest.approx(float(expected), rel=0.15)


def test_the_same_seed_draws_the_same() -> None:
    assert (draws(GROUPS, 20, 4) == draws(GROUPS, 20, 4)).all()
    assert (draws(GROUPS, 20, 4) != draws(GROUPS, 20, 5)).any()
    assert set(draws(GROUPS, 20, 4).sum(axis=1).tolist()) == {GROUPS}


def test_means_without_a_case_are_none() -> None:
    low, high = mean_interval(np.zeros((4, 1)), np.zeros((4, 1)), draws(4, 10, 1))
    assert np.isnan(low).all() and np.isnan(high).all()
