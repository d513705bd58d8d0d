"""Flat paths: the shortcuts they take give what the plain way gives."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.analysis.paths import distinct, paths_of


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
