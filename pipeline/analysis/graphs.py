"""Connected components of large graphs, and the cheapest way to part two nodes of one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import breadth_first_order, connected_components, maximum_flow


def smallest_member_of_component(
    count_nodes: int, left: npt.NDArray[np.int64], right: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Return, for each node 0 … n-1, the smallest node of its connected component.

    Args:
        count_nodes: Number of nodes n; nodes without a link are components of their own.
        left: One end of each link, shape (m,).
        right: The other end, shape (m,).

    Returns:
        Shape (n,). The label does not depend on the order of the links.
    """
    if count_nodes == 0:
        return np.empty(0, dtype=np.int64)
    weights = np.ones(len(left), dtype=np.int8)
    links = coo_array((weights, (left, right)), shape=(count_nodes, count_nodes))
    _, labels = connected_components(links, directed=False)
    smallest = np.full(labels.max() + 1, count_nodes, dtype=np.int64)
    np.minimum.at(smallest, labels, np.arange(count_nodes, dtype=np.int64))
    return smallest[labels]


def places_of(nodes: npt.NDArray[np.int64], wanted: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return where each of `wanted` stands in `nodes`, which are sorted and hold all of them."""
    return np.searchsorted(nodes, wanted).astype(np.int64)


def cut_between(
    count_nodes: int,
    left: npt.NDArray[np.int64],
    right: npt.NDArray[np.int64],
    weight: npt.NDArray[np.int64],
    pairs: Sequence[tuple[int, int]],
) -> list[tuple[int, int]]:
    """Return the links to cut so that no pair is connected, for each pair those with the least weight together.

    Pairs are taken in their order, each on what those before it left. The minimum cut is found by maximum flow
    (Ford and Fulkerson 1956); of several minimum cuts, the one next to the first node of the pair is taken.

    Args:
        count_nodes: Number of nodes n.
        left: One end of each link, shape (m,).
        right: The other end, shape (m,).
        weight: How much holds each link, whole numbers above 0, shape (m,).
        pairs: Nodes that must not be connected.

    Returns:
        (link, pair) for each link that is cut, as places in `left` and in `pairs`.
    """
    is_kept = np.ones(len(left), dtype=bool)
    cut: list[tuple[int, int]] = []
    for number, (one, other) in enumerate(pairs):
        component = smallest_member_of_component(count_nodes, left[is_kept], right[is_kept])
        if component[one] != component[other]:
            continue
        mine = np.flatnonzero(is_kept & (component[left] == component[one]))
        nodes, ends = np.unique(np.concatenate([left[mine], right[mine]]), return_inverse=True)
        tails, heads = ends[: len(mine)], ends[len(mine) :]
        size = len(nodes)
        both_ways = (np.concatenate([tails, heads]), np.concatenate([heads, tails]))
        capacity = csr_array((np.tile(weight[mine], 2).astype(np.int32), both_ways), shape=(size, size))
        source, sink = np.searchsorted(nodes, [one, other])
        flow = maximum_flow(capacity, int(source), int(sink)).flow
        residual = csr_array(capacity - flow)
        residual.eliminate_zeros()
        is_near = np.zeros(size, dtype=bool)
        is_near[breadth_first_order(residual, int(source), return_predecessors=False)] = True
        for link in mine[is_near[tails] != is_near[heads]]:
            is_kept[link] = False
            cut.append((int(link), number))
    return cut
