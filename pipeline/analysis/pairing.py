"""Which of many likely pairs are taken, so that nothing is taken twice."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def merge_one_to_one(
    left: npt.NDArray[np.int64], right: npt.NDArray[np.int64], members: npt.NDArray[np.uint64]
) -> npt.NDArray[np.int64]:
    """Merge groups along pairs, the strongest pair first, and never two groups that have a member in common.

    The result is that of going through the pairs one by one (greedy matching, as in Kruskal's algorithm): a pair merges
    its two groups unless they are one already or share a kind of member. It is computed in rounds: in each, a pair that
    is the strongest one left for both its groups is taken, for nothing before it can touch either.

    Args:
        left: One group of each pair as a place 0 … n-1, the strongest pair first, shape (m,).
        right: The other group, shape (m,).
        members: Per group the kinds of members it has, as bits, shape (n,).

    Returns:
        Shape (n,): for each group the smallest place among those it was merged with.
    """
    root = np.arange(len(members), dtype=np.int64)
    held = members.astype(np.uint64).copy()
    places = np.arange(len(left), dtype=np.int64)
    one, other = left.copy(), right.copy()
    while True:
        one, other = root[one], root[other]
        fits = (one != other) & ((held[one] & held[other]) == 0)
        places, one, other = places[fits], one[fits], other[fits]
        if not len(places):
            return root
        best = np.full(len(members), len(left), dtype=np.int64)
        np.minimum.at(best, one, places)
        np.minimum.at(best, other, places)
        taken = (best[one] == places) & (best[other] == places)
        low, high = np.minimum(one[taken], other[taken]), np.maximum(one[taken], other[taken])
        held[low] |= held[high]
        follows = np.arange(len(members), dtype=np.int64)
        follows[high] = low
        root = follows[root]
