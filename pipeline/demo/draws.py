"""Random numbers that belong to a key, not to a place in a stream.

A draw that is asked for by seed, purpose and keys is the same in every world: switching a channel off changes what
people do, and never the dice they do it with.
"""

from __future__ import annotations

import zlib

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)


def _mixed(bits: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Scramble 64 bits so that neighbouring keys give unrelated numbers (the finaliser of splitmix64)."""
    bits = (bits ^ (bits >> np.uint64(30))) * _FIRST
    bits = (bits ^ (bits >> np.uint64(27))) * _SECOND
    return bits ^ (bits >> np.uint64(31))


class Dice:
    """Draws of one simulated world."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def stream(self, purpose: str, part: int = 0) -> np.random.Generator:
        """Return a generator of its own for a purpose."""
        return np.random.Generator(np.random.PCG64([self._seed, zlib.crc32(purpose.encode()), part]))

    def bits(self, purpose: str, *keys: Ints | int) -> NDArray[np.uint64]:
        """Return 64 random bits per key."""
        start = (self._seed * 0x100000001B3 + zlib.crc32(purpose.encode())) % 2**64
        mixed = _mixed(np.array([start], np.uint64))
        with np.errstate(over="ignore"):
            for key in keys:
                values = np.atleast_1d(np.asarray(key, np.int64)).astype(np.uint64)
                mixed = _mixed(mixed ^ (values * _GOLDEN + _FIRST))
        return mixed

    def uniform(self, purpose: str, *keys: Ints | int) -> Floats:
        """Return a number in [0, 1) per key."""
        return (self.bits(purpose, *keys) >> np.uint64(11)).astype(np.float64) * 2.0**-53

    def below(self, purpose: str, limit: int, *keys: Ints | int) -> Ints:
        """Return a whole number below `limit` per key."""
        return np.floor(self.uniform(purpose, *keys) * limit).astype(np.int64)

    def among(self, purpose: str, weights: Floats, *keys: Ints | int) -> Ints:
        """Return the place of one of the weighted choices per key."""
        edges = np.cumsum(weights) / np.sum(weights)
        return np.minimum(np.searchsorted(edges, self.uniform(purpose, *keys), side="right"), len(weights) - 1)
