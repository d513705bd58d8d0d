"""Lost revenue against a calculation by hand, against simulated truth, and where nothing is lost."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.analysis.bootstrap import group_draws
from pipeline.analysis.losses import Steps, is_below_rest, loss_intervals, losses, references, share_lows
from pipeline.warehouse import Warehouse

GROUPS = 128


def steps(*rows: tuple[float, float, float, float, float], closed: float = 1) -> Steps:
    """Return sums of rows: reached, went on, bought, recovered, revenue; of a share of the stops the days are over."""
    reached, went_on, bought, back, revenue = (np.array(part, dtype=float) for part in zip(*rows, strict=True))
    return Steps(reached, went_on, bought, (reached - went_on) * closed, back, revenue)


def own(rows: int, value: bool = True) -> dict[str, np.ndarray]:
    return {name: np.full(rows, value) for name in ("buying", "recovered", "order")}


def test_the_loss_is_that_of_a_hand_calculation() -> None:
    # Phones: 1,000 at the cart, 200 go on and 100 buy for 5,000; of 800 who stop 80 buy later. Desks run at 40 %.
    given = steps((1000, 200, 100, 80, 5000))
    found = losses(given, given, own(1), np.array([0.4]))
    # 800 x (0.4 - 0.2) / (1 - 0.2) x 100 / 200 x (1 - 80 / 800) orders of 50.
    assert found.orders[0] == pytest.approx(800 * 0.25 * 0.5 * 0.9)
    assert found.revenue[0] == pytest.approx(90 * 50)
    shares = (found.recovered_share[0], found.addressable_share[0], found.not_recoverable_share[0])
    assert shares == pytest.approx((0.1, 0.225, 0.675))


def test_who_still_has_days_to_buy_says_nothing_of_who_buys_later() -> None:
    # Of 800 who stop the days of half are over, and 80 of these bought: one in five, not one in ten.
    given = steps((1000, 200, 100, 80, 5000), closed=0.5)
    found = losses(given, given, own(1), np.array([0.4]))
    assert found.recovered_share[0] == pytest.approx(0.2)
    assert found.revenue[0] == pytest.approx(800 * 0.25 * 0.5 * 0.8 * 50)


def test_a_row_with_few_cases_borrows_from_its_step() -> None:
    given, pool = steps((100, 10, 1, 1, 900)), steps((1000, 200, 100, 80, 5000))
    found = losses(given, pool, own(1, value=False), np.array([0.3]))
    assert found.revenue[0] == pytest.approx(100 * 0.2 * 0.5 * (1 - 80 / 800) * 50)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(1, 500), st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=6))
def test_nothing_is_lost_at_or_above_the_reference_and_shares_add_up(rows) -> None:
    given = steps(*((n, round(n * r), round(n * r * b), 0, n * b) for n, r, b in rows))
    families = np.zeros(len(rows), dtype=np.int64)
    reference, best = references(given, families, np.full(len(rows), True))
    found = losses(given, given.pooled(families), own(len(rows)), reference)
    rate = given.went_on / given.reached
    assert np.all(reference < 1)
    assert reference[0] == pytest.approx(max(share_lows(given.went_on, given.reached)))
    told = ~np.isnan(found.orders)
    assert np.all(found.orders[told & (rate >= reference)] == 0)
    assert np.all(found.orders[told] >= 0)
    assert found.orders[best[0]] == 0 or np.isnan(found.orders[best[0]])
    whole = found.recovered_share + found.addressable_share + found.not_recoverable_share
    assert np.allclose(whole[~np.isnan(whole)], 1)


def test_without_a_comparable_segment_there_is_no_reference() -> None:
    given = steps((100, 50, 10, 0, 10))
    reference, best = references(given, np.array([0]), np.array([False]))
    assert np.isnan(reference[0])
    assert best[0] == -1
    assert np.isnan(losses(given, given, own(1), reference).revenue[0])


def test_lower_ends_are_those_of_the_models(empty: Warehouse) -> None:
    cases = [(0, 5), (5, 5), (1, 30), (29, 30), (50, 100), (51, 101), (101, 101), (7, 5000)]
    k, n = (np.array(part, dtype=float) for part in zip(*cases, strict=True))
    expected = [empty.value("select share_low($1::bigint, $2::bigint)", list(case)) for case in cases]
    assert share_lows(k, n) == pytest.approx(expected, abs=1e-8)


def town(
    draw: np.random.Generator, people: int, rates: list[float], buys: float, back: float, closed: float = 1
) -> Steps:
    """Invent people of several segments, each with one attempt and one in 128 groups; of some the days are over."""
    made = [np.zeros((GROUPS, len(rates))) for _ in range(6)]
    for row, rate in enumerate(rates):
        went_on = draw.random(people) < rate
        bought = went_on & (draw.random(people) < buys)
        is_over = ~went_on & (draw.random(people) < closed if closed < 1 else np.full(people, True))
        recovered = is_over & (draw.random(people) < back)
        worth = draw.lognormal(3.5, 0.5, people) * bought
        for table, values in zip(made, (np.ones(people), went_on, bought, is_over, recovered, worth), strict=True):
            np.add.at(table[:, row], np.arange(people) % GROUPS, values)
    return Steps(*made)


@pytest.mark.parametrize(
    ("people", "rate", "buys", "closed"),
    [(60, 0.3, 1.0, 1), (400, 0.3, 0.6, 1), (2000, 0.05, 0.5, 1), (400, 0.3, 0.6, 0.5)],
)
def test_intervals_hold_the_truth_in_about_95_of_100_towns(
    people: int, rate: float, buys: float, closed: float
) -> None:
    reference, back, hits = np.array([rate + 0.1]), 0.1, 0
    truth = people * 0.1 * buys * (1 - back) * np.exp(3.5 + 0.5**2 / 2)
    for seed in range(400):
        groups = town(np.random.default_rng(seed), people, [rate], buys, back, closed)
        low, high = loss_intervals(groups, np.array([0]), own(1), reference, group_draws(GROUPS, 200, seed))
        hits += bool(low[0] <= truth <= high[0])
    assert 0.92 <= hits / 400 <= 0.98


def test_where_all_segments_are_alike_hardly_a_loss_is_called_certain() -> None:
    called = 0
    for seed in range(200):
        groups = town(np.random.default_rng(seed), 300, [0.3] * 6, 0.6, 0.1)
        families, whole = np.zeros(6, dtype=np.int64), groups.total()
        reference, _ = references(whole, families, np.full(6, True))
        low, _ = loss_intervals(groups, families, own(6), reference, group_draws(GROUPS, 200, seed))
        called += bool((is_below_rest(whole, families, np.full(6, True)) & (low > 0)).any())
    assert called <= 0.05 * 200


def test_where_one_segment_runs_worse_the_estimate_is_near_the_truth() -> None:
    found, certain = [], 0
    for seed in range(50):
        groups = town(np.random.default_rng(seed), 5000, [0.2, 0.4], 0.6, 0.1)
        families, whole = np.zeros(2, dtype=np.int64), groups.total()
        reference, _ = references(whole, families, np.full(2, True))
        found.append(losses(whole, whole.pooled(families), own(2), reference).revenue)
        certain += bool(is_below_rest(whole, families, np.full(2, True))[0])
    assert certain == 50
    truth = 5000 * 0.2 * 0.6 * 0.9 * np.exp(3.5 + 0.5**2 / 2)
    mean = np.mean(found, axis=0)
    # The reference is a lower end, so the estimate stays on the safe side.
    assert 0.88 * truth < mean[0] < truth
    assert mean[1] == 0
