"""Paths of channels as flat arrays: many short lists, one after another, without a Python object for each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def sums(numbers: Ints, weights: Floats, size: int = 0) -> Floats:
    """Return the sum of the weights of each number from 0, at least `size` of them."""
    return np.asarray(np.bincount(numbers, weights, minlength=size), dtype=np.float64)


#: Steps that are worked on at a time.
_BLOCK = 1 << 18

#: Largest number that `distinct` marks in a table of its own instead of sorting.
_MOST_MARKED = 1 << 26


def distinct(numbers: Ints) -> tuple[Ints, Ints]:
    """Return the distinct numbers in rising order, and the place of each given number among them.

    The same as `np.unique` with its inverse, without its sort where the numbers, from 0, are small enough to be marked.
    """
    top = int(numbers.max(initial=-1)) + 1
    if top > min(_MOST_MARKED, max(8 * len(numbers), 1 << 20)):
        return np.unique(numbers, return_inverse=True)
    is_there = np.zeros(top, dtype=bool)
    is_there[numbers] = True
    place = np.cumsum(is_there, dtype=np.int32)
    return np.flatnonzero(is_there), place[numbers].astype(np.int64) - 1


def totals(numbers: Ints, weights: Floats) -> tuple[Ints, Floats]:
    """Return the distinct numbers that weigh more than nothing, in rising order, and the weight of each."""
    if int(numbers.max(initial=-1)) < min(_MOST_MARKED, max(8 * len(numbers), 1 << 20)):
        whole = sums(numbers, weights)
        found = np.flatnonzero(whole > 0)
        return found, whole[found]
    found, place = np.unique(numbers, return_inverse=True)
    whole = sums(place, weights, len(found))
    return found[whole > 0], whole[whole > 0]


@dataclass(frozen=True)
class Paths:
    """Distinct paths and how often each ended with a conversion, and without one.

    Channels are numbers 1 … `count_channels`. Path i is `codes[offsets[i]:offsets[i + 1]]`.
    """

    count_channels: int
    #: Channels of all paths, one path after another, shape (steps,).
    codes: Ints
    #: Where each path begins, and where the last one ends, shape (paths + 1,).
    offsets: Ints
    #: Conversions and journeys without one that took each path, shape (paths,).
    converted: Floats
    lost: Floats
    #: Group of people the counts are of, 0 … n-1, shape (paths,).
    groups: Ints

    @property
    def lengths(self) -> Ints:
        """Channels in each path, shape (paths,)."""
        return np.diff(self.offsets)

    @property
    def owners(self) -> Ints:
        """Path that each step belongs to, shape (steps,)."""
        return np.repeat(np.arange(len(self.converted), dtype=np.int64), self.lengths)

    def collapsed(self) -> Paths:
        """Return the paths with equal neighbours made one: A A B A becomes A B A."""
        is_there = self.lengths > 0
        begun = self.offsets[:-1][is_there]
        is_kept = np.ones(len(self.codes), dtype=bool)
        is_kept[1:] = self.codes[1:] != self.codes[:-1]
        is_kept[begun] = True
        lengths = np.zeros(len(self.converted), dtype=np.int64)
        if len(begun):
            lengths[is_there] = np.add.reduceat(is_kept, begun, dtype=np.int64)
        return replace(self, codes=self.codes[is_kept], offsets=_offsets(lengths))

    def blocks(self) -> Iterator[tuple[slice, Paths]]:
        """Yield the paths some at a time: which they are, and they themselves.

        What is worked out of so many steps fits into memory that is used again; of all of them it would be fetched
        anew for each array, which takes longer than the work.
        """
        bounds = np.searchsorted(self.offsets, np.arange(_BLOCK, self.offsets[-1], _BLOCK))
        for begin, end in pairwise([0, *bounds.tolist(), len(self.converted)]):
            part = slice(begin, end)
            offsets = self.offsets[begin : end + 1]
            codes = self.codes[offsets[0] : offsets[-1]]
            won, lost, groups = self.converted[part], self.lost[part], self.groups[part]
            yield part, Paths(self.count_channels, codes, offsets - offsets[0], won, lost, groups)

    def masks(self) -> Ints:
        """Return the set of channels of each path as a bit mask: channel c is bit c - 1. Shape (paths,)."""
        made = np.zeros(len(self.converted), dtype=np.int64)
        begun = self.offsets[:-1][self.lengths > 0]
        if len(begun):
            made[self.lengths > 0] = np.bitwise_or.reduceat(np.int64(1) << (self.codes - 1), begun)
        return made

    def sets(self) -> tuple[Ints, Floats, Floats]:
        """Return the distinct sets of channels in rising order, and the conversions and other journeys of each."""
        sets, numbers = distinct(self.masks())
        return sets, sums(numbers, self.converted, len(sets)), sums(numbers, self.lost, len(sets))


def _offsets(lengths: npt.NDArray[np.integer]) -> Ints:
    return np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(lengths, dtype=np.int64)])


def paths_of(
    count_channels: int,
    codes: npt.ArrayLike,
    lengths: npt.ArrayLike,
    converted: npt.ArrayLike,
    lost: npt.ArrayLike,
    groups: npt.ArrayLike | None = None,
) -> Paths:
    """Return paths from their channels in a row and the length of each.

    Raises:
        ValueError: the arrays do not fit one another, or a channel is not among 1 … `count_channels`.
    """
    sizes = np.asarray(lengths, dtype=np.int64)
    flat = np.asarray(codes, dtype=np.int64)
    made = Paths(
        count_channels,
        flat,
        _offsets(sizes),
        np.asarray(converted, dtype=np.float64),
        np.asarray(lost, dtype=np.float64),
        np.zeros(len(sizes), dtype=np.int64) if groups is None else np.asarray(groups, dtype=np.int64),
    )
    if made.offsets[-1] != len(flat) or not len(sizes) == len(made.converted) == len(made.lost) == len(made.groups):
        raise ValueError("the arrays of the paths differ in length")
    if len(flat) and (flat.min() < 1 or flat.max() > count_channels):
        raise ValueError(f"channels must be among 1 and {count_channels}")
    return made


def read_paths(table: pa.Table, count_channels: int) -> Paths:
    """Return paths from a table with the columns model_codes (lists), person_group, count_converted and count_lost."""
    lists = table.column("model_codes").combine_chunks()
    return paths_of(
        count_channels,
        pc.list_flatten(lists).to_numpy(zero_copy_only=False),
        pc.list_value_length(lists).to_numpy(zero_copy_only=False),
        table.column("count_converted").to_numpy(),
        table.column("count_lost").to_numpy(),
        table.column("person_group").to_numpy(),
    )
