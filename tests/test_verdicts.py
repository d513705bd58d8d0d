"""Verdicts on towns through the real models; `python -m benchmarks.attribution --seeds 200` does it for hundreds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from benchmarks.towns import Town, town
from benchmarks.verdicts import judged
from pipeline.analysis.paths import paths_of
from pipeline.catalog import read_models
from pipeline.empty import empty_warehouse

MODELS = read_models()
FEW = {"(all channels)": "not enough data"}


@pytest.fixture(scope="module")
def warehouse() -> Iterator[Any]:
    with empty_warehouse() as opened:
        opened.execute("update config.settings set interval_draws = 200")
        yield opened


def test_channels_without_a_difference_are_never_said_to_differ_and_a_true_one_is_found(warehouse) -> None:
    for seed in (1, 2):
        assert "disagree" not in judged(warehouse, MODELS, town(seed, 1200)).values()
    found = judged(warehouse, MODELS, town(3, 6000, pull=1.5))
    assert found["Channel 2"] == "disagree"
    assert found["(all channels)"] == "agree"


def people(channels: int, paths: list[list[int]], won: list[bool]) -> Town:
    """Write a town of given journeys; every order is worth 10."""
    flat = [code for path in paths for code in path]
    return Town(paths_of(channels, flat, list(map(len, paths)), won, np.logical_not(won)), np.where(won, 10.0, 0.0))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param(people(1, [[1]], [True]), FEW | {"Channel 1": "not enough data"}, id="a single journey"),
        pytest.param(people(2, [[1, 2]] * 50, [False] * 50), FEW, id="no conversions"),
        pytest.param(
            people(1, [[1]] * 100 + [[1, 1]] * 100, [True, False] * 100),
            {"(all channels)": "agree", "Channel 1": "agree"},
            id="one channel only",
        ),
        pytest.param(
            people(2, [[1, 2] * 25_000, [2]], [True, True]),
            FEW | {"Channel 1": "not enough data", "Channel 2": "not enough data"},
            id="a journey of 50,000 touches, all in one second",
        ),
    ],
)
def test_odd_towns_have_an_answer_and_share_out_every_order(given, expected, warehouse) -> None:
    assert judged(warehouse, MODELS, given) == expected
    orders = int(given.has_bought.sum())
    sums = warehouse.rows("select sum(orders_markov_order), sum(revenue_shapley_order) from marts.attribution_touches")
    assert [float(value or 0) for value in sums[0]] == [orders, 10 * orders]


def test_of_thousands_of_channels_the_smallest_are_one(warehouse) -> None:
    draw = np.random.default_rng(1)
    paths = [[1, int(code)] for code in draw.integers(2, 2001, 3000)]
    found = judged(warehouse, MODELS, people(2000, paths, list(draw.random(3000) < 0.3)))
    assert len(found) == 17
    assert "(other channels)" in found
    pooled = warehouse.value("select max(count_pooled) from core.channel_effects")
    assert pooled == len({code for path in paths for code in path}) - 15
