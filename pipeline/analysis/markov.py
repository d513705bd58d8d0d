"""Removal effects of channels in an absorbing Markov chain of order 1 to 4, exactly and without simulation.

A state is what came last: one channel (order 1), or up to k of them (order k). A path adds its conversions to the edge
from its last state to the conversion, and its other journeys to the edge to nothing. The removal effect of a channel is
the share of the conversion probability that is lost when every step into the channel leads to nothing (Anderl et al.,
Mapping the customer journey, 2016).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array, eye_array
from scipy.sparse.linalg import splu

from pipeline.analysis.paths import Floats, Ints, Paths, distinct, sums, totals

MOST_ORDER = 4

#: Chains up to this size are solved by one dense inverse, a single one and many draws of one; larger ones are solved
#: with their zeros left out.
_DENSE, _DENSE_DRAWS = 1600, 40
#: Steps after which the iteration gives way to elimination: people who stay that long are rare.
_MOST_STEPS = 3000


@dataclass(frozen=True)
class Chain:
    """The states and edges that paths walk along, and how often, per group of people."""

    order: int
    count_channels: int
    #: Channel that each state ends in; 0 for the start, which is state 0. Shape (states,).
    last_channel: Ints
    #: States at the ends of each edge, shape (edges,). In `heads`, the number of states stands for the conversion, and
    #: one more for nothing.
    tails: Ints
    heads: Ints
    #: How often each group walked each edge, shape (edges, groups).
    weights: csr_array

    @property
    def count_states(self) -> int:
        """Transient states, the start included."""
        return len(self.last_channel)

    @property
    def total(self) -> Floats:
        """How often all groups together walked each edge, shape (edges,)."""
        return np.asarray(self.weights.sum(axis=1), dtype=np.float64).ravel()


@dataclass(frozen=True)
class Effects:
    """What removing each channel does, one row a draw."""

    #: Probability of a conversion from the start, shape (draws,).
    conversion_probability: Floats
    #: Share of it that is lost without the channel, shape (draws, channels); 0 where nothing converts.
    removal_effect: Floats


def contexts(paths: Paths, order: int) -> Ints:
    """Return the last `order` channels before each step and after each path as one number.

    Shape (steps + paths,): first those before the steps, then those at the ends. The digits to the base channels + 1
    are channels, the latest one last; 0 stands where the path had not begun.
    """
    base = paths.count_channels + 1
    is_there = paths.lengths > 0
    begins, last = paths.offsets[:-1][is_there], paths.offsets[1:][is_there] - 1
    after = paths.codes
    for place in range(order):
        # What was met before a step is what the step before it met, and that step itself.
        before = np.zeros_like(after)
        before[1:] = after[:-1]
        before[begins] = 0
        if place < order - 1:
            after = before * base + paths.codes
    ends = np.zeros(len(paths.lengths), dtype=np.int64)
    ends[is_there] = after[last]
    return np.concatenate([before, ends])


@dataclass(frozen=True)
class Steps:
    """How often each context was followed by what, per group: all that chains, and their comparison, need of paths."""

    #: Channels that a context remembers, and how many channels there are.
    order: int
    count_channels: int
    #: Context as of `contexts`; what came: a channel, or for the end one more (a conversion) or two more (nothing).
    #: Shape (cells,), as the two below.
    context: Ints
    came: Ints
    groups: Ints
    weight: Floats


def steps_of(paths: Paths, order: int, groups: Ints | None = None) -> Steps:
    """Count the steps of paths after the last `order` channels, in groups of paths from 0, or all as one.

    Raises:
        ValueError: the order is not 1, 2, 3 or 4.
    """
    if not 1 <= order <= MOST_ORDER:
        raise ValueError(f"order must be 1 to {MOST_ORDER}, not {order}")
    symbols, size = paths.count_channels + 3, 1 if groups is None else int(groups.max(initial=0)) + 1
    counted = [_cells(part, order, None if groups is None else groups[which], size) for which, part in paths.blocks()]
    cells, weight = totals(*(np.concatenate(each) for each in zip(*counted, strict=True)))
    step = cells // size
    return Steps(order, paths.count_channels, step // symbols, step % symbols, cells % size, weight)


def _cells(paths: Paths, order: int, groups: Ints | None, size: int) -> tuple[Ints, Floats]:
    """Return context, what came and group of the steps of some paths as one number, and how often each was met."""
    count, symbols = len(paths.codes), paths.count_channels + 3
    context = contexts(paths, order) * symbols
    won = context[count:] + paths.count_channels + 1
    cell = np.concatenate([context[:count] + paths.codes, won, won + 1])
    if groups is not None:
        cell = cell * size + np.concatenate([np.repeat(groups, paths.lengths), groups, groups])
    walked = np.repeat(paths.converted + paths.lost, paths.lengths)
    return totals(cell, np.concatenate([walked, paths.converted, paths.lost]))


def chain_of(paths: Paths, order: int, count_groups: int | None = None) -> Chain:
    """Count the edges of the chain of an order, per group of people; without a number of groups, of all as one.

    Raises:
        ValueError: the order is not 1, 2, 3 or 4.
    """
    return chain_from(steps_of(paths, order, None if count_groups is None else paths.groups), order, count_groups)


def chain_from(steps: Steps, order: int, count_groups: int | None = None) -> Chain:
    """Return the chain of an order from steps that remember as much or more; without groups, of all as one."""
    base = steps.count_channels + 1
    context = steps.context % base**order
    is_inner = steps.came < base
    target = (context[is_inner] * base + steps.came[is_inner]) % base**order
    keys, numbers = distinct(np.concatenate([np.zeros(1, np.int64), context, target]))
    size, tails = len(keys), numbers[1 : 1 + len(context)]
    heads = size + steps.came - base
    heads[is_inner] = numbers[1 + len(context) :]
    edges, edge = distinct(tails * (size + 2) + heads)
    groups = steps.groups if count_groups else np.zeros_like(steps.groups)
    counted = csr_array((steps.weight, (edge, groups)), shape=(len(edges), count_groups or 1))
    return Chain(order, steps.count_channels, keys % base, edges // (size + 2), edges % (size + 2), counted)


def removal_effects(chain: Chain, weights: Floats | None = None, tolerance: float = 1e-13) -> Effects:
    """Return the removal effect of every channel, for the counts as they are or for draws of them.

    Args:
        chain: The chain.
        weights: Counts of the edges, one row a draw, shape (draws, edges); None for the counts of all groups.
        tolerance: Probability below which people still on their way are left out, where the chain is too large for
            the closed form.
    """
    drawn = chain.total[np.newaxis, :] if weights is None else np.atleast_2d(weights)
    size = chain.count_states
    probability = np.zeros(len(drawn))
    effect = np.zeros((len(drawn), chain.count_channels))
    if size <= (_DENSE if len(drawn) == 1 else _DENSE_DRAWS):
        per_round = max(1, 4_000_000 // size**2)
        for begin in range(0, len(drawn), per_round):
            part = slice(begin, begin + per_round)
            probability[part], effect[part] = _closed_form(chain, drawn[part])
    else:
        for number, row in enumerate(drawn):
            probability[number], effect[number] = _solved(chain, row, tolerance)
    return Effects(probability, effect)


def _shares(chain: Chain, weights: Floats) -> Floats:
    """Turn counts into probabilities of leaving each tail by each edge, shape (draws, edges)."""
    totals = np.zeros((len(weights), chain.count_states))
    for row, counts in zip(totals, weights, strict=True):
        row += sums(chain.tails, counts, chain.count_states)
    tails = totals[:, chain.tails]
    return np.divide(weights, tails, out=np.zeros_like(weights, dtype=np.float64), where=tails > 0)


def _closed_form(chain: Chain, weights: Floats) -> tuple[Floats, Floats]:
    """Solve dense chains, all channels from one inverse.

    With N = (I - Q)^-1, p = N r and F the states that end in a channel, the chance to enter F first at each of its
    states is h = N[start, F] N[F, F]^-1, so that the effect is h p[F] / p[start]. At order 1 F is one state, and this
    is N[start, c] / N[c, c] * p[c] / p[start].
    """
    draws, size = len(weights), chain.count_states
    shares = _shares(chain, weights)
    inner, wins = chain.heads < size, chain.heads == size
    left = np.broadcast_to(np.eye(size), (draws, size, size)).copy()
    left[:, chain.tails[inner], chain.heads[inner]] -= shares[:, inner]
    reward = np.zeros((draws, size))
    reward[:, chain.tails[wins]] = shares[:, wins]
    visits = np.linalg.inv(left)
    converts = np.einsum("dij,dj->di", visits, reward)
    base = converts[:, 0]
    effect = np.zeros((draws, chain.count_channels))
    for channel in range(1, chain.count_channels + 1):
        states = np.flatnonzero(chain.last_channel == channel)
        if not len(states):
            continue
        within = visits[:, states[:, np.newaxis], states]
        first = np.linalg.solve(within.transpose(0, 2, 1), visits[:, 0, states][..., np.newaxis])[..., 0]
        effect[:, channel - 1] = (first * converts[:, states]).sum(axis=1)
    effect = np.divide(effect, base[:, np.newaxis], out=np.zeros_like(effect), where=base[:, np.newaxis] > 0)
    return base, np.clip(effect, 0.0, 1.0)


def _solved(chain: Chain, weights: Floats, tolerance: float) -> tuple[float, Floats]:
    """Solve a large chain: all channels at once, step by step until next to nobody is still on the way.

    Column 0 is the chain as it is; in column c the states that end in channel c lead to nothing. The last column is the
    chance still to be on the way, which bounds the error of all others.
    """
    size, channels = chain.count_states, chain.count_channels
    shares = _shares(chain, weights[np.newaxis, :])[0]
    inner, wins = chain.heads < size, chain.heads == size
    moves = csr_array((shares[inner], (chain.tails[inner], chain.heads[inner])), shape=(size, size))
    reward = sums(chain.tails[wins], shares[wins], size)
    is_open = np.ones((size, channels + 2))
    is_open[np.arange(size), chain.last_channel] = 0.0
    is_open[:, 0] = 1.0
    added = np.repeat(reward[:, np.newaxis], channels + 2, axis=1)
    added[:, -1] = 0.0
    chance = added.copy()
    chance[:, -1] = 1.0
    for _ in range(_MOST_STEPS):
        chance = moves @ (chance * is_open) + added
        if chance[:, -1].max() < tolerance:
            break
    else:
        chance = _eliminated(moves, reward, is_open)
    base = float(chance[0, 0])
    without = chance[0, 1 : channels + 1]
    return base, np.clip(1 - without / base, 0.0, 1.0) if base > 0 else np.zeros(channels)


def _eliminated(moves: csr_array, reward: Floats, is_open: Floats) -> Floats:
    """Solve every column by sparse elimination: for chains in which people stay for thousands of steps."""
    size, columns = is_open.shape
    solved = np.zeros((size, columns))
    for column in range(columns - 1):
        left = eye_array(size, format="csc") - moves.multiply(is_open[:, column][np.newaxis, :]).tocsc()
        solved[:, column] = splu(left.tocsc()).solve(reward)
    return solved


def shares_of(effect: npt.ArrayLike) -> Floats:
    """Return effects as shares of their sum along the last axis; 0 where the sum is 0."""
    given = np.asarray(effect, dtype=np.float64)
    total = given.sum(axis=-1, keepdims=True)
    return np.divide(given, total, out=np.zeros_like(given), where=total > 0)
