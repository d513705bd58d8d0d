"""Paths for tests: the worked example of the definitions, random ones, and a chain written down with dictionaries."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

import numpy as np
from hypothesis import strategies as st

from pipeline.analysis.paths import Paths, paths_of

#: Path -> conversions and other journeys, with channels A, B and C.
GOLDEN = {"AB": (3, 1), "A": (1, 4), "B": (2, 3), "CAB": (2, 0), "C": (0, 5), "AAB": (1, 1), "BCB": (1, 2)}

Given = dict[tuple[int, ...], tuple[int, int]]


def golden() -> Given:
    return {tuple(ord(letter) - 64 for letter in path): counts for path, counts in GOLDEN.items()}


def flat(given: Given, channels: int, groups: list[int] | None = None) -> Paths:
    return paths_of(
        channels,
        [code for path in given for code in path],
        [len(path) for path in given],
        [won for won, _ in given.values()],
        [lost for _, lost in given.values()],
        groups,
    )


def random_paths(channels: int, longest: int = 6) -> st.SearchStrategy[Given]:
    path = st.lists(st.integers(1, channels), min_size=1, max_size=longest).map(tuple)
    return st.dictionaries(path, st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=12)


def edges_by_hand(given: Given, order: int) -> dict[tuple, dict]:
    """Count the edges of a chain in plain Python: state -> next state, "won" or "lost" -> times."""
    edges: dict[tuple, dict] = defaultdict(lambda: defaultdict(float))
    for path, (won, lost) in given.items():
        if won + lost == 0:
            continue
        states = [path[max(0, place - order) : place] for place in range(len(path) + 1)]
        for before, after in pairwise(states):
            edges[before][after] += won + lost
        edges[states[-1]]["won"] += won
        edges[states[-1]]["lost"] += lost
    return edges


def chance_by_hand(edges: dict[tuple, dict], removed: int | None = None) -> float:
    """Solve for the chance of a conversion from the start, with one channel's states leading to nothing."""
    states = [state for state in edges if not (state and state[-1] == removed)]
    place = {state: number for number, state in enumerate(states)}
    left, right = np.eye(len(states)), np.zeros(len(states))
    for state in states:
        total = sum(edges[state].values())
        for after, times in edges[state].items():
            if after == "won":
                right[place[state]] += times / total
            elif after in place:
                left[place[state], place[after]] -= times / total
    return float(np.linalg.solve(left, right)[place[()]])
