"""Draws of people against journeys that are really drawn again, and intervals against towns whose truth is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.towns import GROUPS, coverage, credit, town
from pipeline.analysis.bootstrap import differences, group_draws, percentile_interval, ranks
from pipeline.analysis.paths import Paths, paths_of


def repeated(paths: Paths, times: np.ndarray) -> Paths:
    """Write every path as often as its group is taken."""
    count = times[paths.groups].astype(int)
    each = np.repeat(np.arange(len(count)), count)
    codes = [paths.codes[paths.offsets[i] : paths.offsets[i + 1]] for i in each]
    return paths_of(
        paths.count_channels, np.concatenate(codes), paths.lengths[each], paths.converted[each], paths.lost[each],
        paths.groups[each],
    )  # fmt: skip


@pytest.mark.parametrize("order", [1, 2])
def test_a_draw_gives_what_its_journeys_written_out_give(order) -> None:
    given = town(3, 500, channels=4, pull=0.8)
    taken = group_draws(GROUPS, 3, seed=9)
    drawn = credit(given, taken, order)
    for number, times in enumerate(taken):
        each = np.repeat(np.arange(500), times[given.paths.groups].astype(int))
        alone = credit(
            replace(given, paths=repeated(given.paths, times), revenue=given.revenue[each]), np.ones((1, GROUPS)), order
        )
        for model, levels in alone.items():
            for level, values in levels.items():
                assert drawn[model][level][number] == pytest.approx(values[0], abs=1e-6), (model, level)


def test_models_that_share_out_orders_add_up_in_every_draw() -> None:
    given = town(1, 400, pull=0.8)
    drawn = credit(given, group_draws(GROUPS, 20, seed=2))
    for model in ("last", "linear", "markov_order", "markov_global", "shapley_order", "shapley_rate"):
        for level in ("orders", "revenue"):
            assert drawn[model][level].sum(axis=1) == pytest.approx(drawn["first"][level].sum(axis=1))


def test_draws_repeat_and_take_as_many_groups_as_there_are() -> None:
    one, other = group_draws(256, 50), group_draws(256, 50)
    assert (one == other).all()
    assert (one.sum(axis=1) == 256).all()
    assert group_draws(0, 5).shape == (5, 0)


def test_ranks_begin_with_the_largest_and_break_ties_by_place() -> None:
    assert ranks(np.array([[3.0, 9.0, 3.0], [1.0, 1.0, 1.0]])).tolist() == [[2, 1, 3], [1, 2, 3]]


def test_the_spread_of_sums_over_groups_is_that_of_drawing_people() -> None:
    """5,000 people in 256 groups: the standard error of a sum is the textbook's, within a tenth."""
    worth = np.random.default_rng(4).exponential(10, 5000)
    sums = np.bincount(np.arange(5000) % 256, worth)
    drawn = group_draws(256, 2000) @ sums
    assert drawn.std() == pytest.approx(worth.std() * np.sqrt(5000), rel=0.1)


def test_a_true_difference_between_models_is_found_and_one_of_chance_is_not() -> None:
    random = np.random.default_rng(8)
    shares = np.array([[0.30, 0.20], [0.10, 0.21]])
    drawn = shares + random.normal(0, 0.02, (400, 2, 2))
    found = differences(shares, drawn, np.array([True, True]))
    assert found.low[0, 0] > 0 > found.high[1, 0]
    assert (found.low[:, 1] < 0).all()
    assert (found.high[:, 1] > 0).all()
    assert found.value[:, 0] == pytest.approx([0.1, -0.1])


def test_equal_models_have_differences_without_width() -> None:
    shares = np.full((3, 1), 1.0)
    found = differences(shares, np.full((100, 3, 1), 1.0), np.array([True]))
    assert (found.low == 0).all()
    assert (found.high == 0).all()


def test_percentiles_are_those_of_the_draws() -> None:
    low, high = percentile_interval(np.arange(1001.0)[:, np.newaxis])
    assert (low[0], high[0]) == pytest.approx((25, 975))


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    """The whole proof, 400 towns, is `python -m benchmarks.attribution --seeds 400`; these few can only show a gross fault."""
    held = coverage(24, 1500, draws=200, truth_people=100_000)
    for model in ("first", "last", "linear", "markov_order", "markov_global"):
        assert 0.86 <= held[model, "orders"] <= 1.0, model
        assert 0.84 <= held[model, "revenue"] <= 1.0, model
