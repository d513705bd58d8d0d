"""Flat paths: the shortcuts they take give what the plain way gives."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from unittest.mock import patch

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.analysis.markov import steps_of
from pipeline.analysis.paths import distinct, paths_of

LISTS = st.lists(st.lists(st.integers(1, 3), max_size=6), max_size=8)


@given(st.lists(st.integers(0, 40) | st.just(1 << 40), max_size=30))
def test_distinct_numbers_are_those_of_a_sort(numbers: list[int]) -> None:
    given_numbers = np.array(numbers, dtype=np.int64)
    found = distinct(given_numbers)
    for mine, other in zip(found, np.unique(given_numbers, return_inverse=True), strict=True):
        assert mine.tolist() == other.tolist()


def test_a_path_without_a_channel_has_no_mask() -> None:
    paths = paths_of(3, [1, 3, 3, 2], [2, 0, 1, 1, 0], [1] * 5, [0] * 5)
    assert paths.masks().tolist() == [0b101, 0, 0b100, 0b010, 0]
    assert paths_of(3, [], [0], [1], [0]).masks().tolist() == [0]


@given(LISTS)
def test_equal_neighbours_are_made_one_within_each_path(lists: list[list[int]]) -> None:
    flat, lengths = [code for path in lists for code in path], [len(path) for path in lists]
    short = paths_of(3, flat, lengths, [1] * len(lists), [0] * len(lists)).collapsed()
    expected = [[code for code, _ in groupby(path)] for path in lists]
    assert short.codes.tolist() == [code for path in expected for code in path]
    assert short.lengths.tolist() == [len(path) for path in expected]


@given(LISTS, st.integers(1, 3), st.integers(1, 7))
def test_steps_are_the_same_however_many_are_counted_at_a_time(lists, order, block) -> None:
    flat, lengths = [code for path in lists for code in path], [len(path) for path in lists]
    won, group = [i % 3 for i in range(len(lists))], np.arange(len(lists)) % 2
    paths = paths_of(3, flat, lengths, won, [1] * len(lists), group)
    with patch("pipeline.analysis.paths._BLOCK", block):
        steps = steps_of(paths, order, paths.groups)
    expected: Counter[tuple[int, int, int]] = Counter()
    for path, wins, people in zip(lists, won, group.tolist(), strict=True):
        ends = [*((code, wins + 1) for code in path), (4, wins), (5, 1)]
        for place, (came, count) in enumerate(ends):
            met = ([0] * order + path[: min(place, len(path))])[-order:]
            expected[sum(code * 4 ** (order - 1 - i) for i, code in enumerate(met)), came, people] += count
    found = zip(steps.context.tolist(), steps.came.tolist(), steps.groups.tolist(), strict=True)
    assert dict(zip(found, steps.weight.tolist(), strict=True)) == {key: n for key, n in expected.items() if n}
