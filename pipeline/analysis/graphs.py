"""Connected components of large graphs."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components


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
