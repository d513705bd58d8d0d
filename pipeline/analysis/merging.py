"""Links of a graph that must not be followed: those that bring two of a kind together, and bridges of large parts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.analysis.graphs import smallest_member_of_component

_Whole = npt.NDArray[np.int64]


class _Groups:
    """Union and find (Tarjan 1975) over groups that hold a set of marks, kept as bits."""

    def __init__(self, marks: list[int]) -> None:
        self._parent = list(range(len(marks)))
        self.marks = marks

    def find(self, node: int) -> int:
        parent = self._parent
        while parent[node] != node:
            parent[node] = node = parent[parent[node]]
        return node

    def join(self, one: int, other: int) -> None:
        one, other = (one, other) if one < other else (other, one)
        self._parent[other] = one
        self.marks[one] |= self.marks[other]


def links_in_conflict(marks: _Whole, left: _Whole, right: _Whole, count_certain: int) -> list[tuple[int, int, int]]:
    """Return the links that are not followed so that no group of nodes holds a mark from two places.

    Links are followed one after the other, the strongest first (as Kruskal 1956 builds a forest); one that would join
    two groups which hold the same mark already is refused. What holds two nodes of a mark together is therefore always
    cut at its weakest link, and what comes first is never given up for what comes later.

    Args:
        marks: Bits of each node 0 … n-1, such as 1 for an account and 2 for a card, shape (n,).
        left: One end of each link, the strongest link first, shape (m,).
        right: The other end, shape (m,).
        count_certain: How many links at the beginning are followed whatever they join.

    Returns:
        (link, node, other node) of each refused link: its place in `left`, and the smallest nodes of its two groups
        that hold a mark both have.
    """
    groups = _Groups(marks.tolist())
    refused = []
    for link, (one, other) in enumerate(zip(left.tolist(), right.tolist(), strict=True)):
        one, other = groups.find(one), groups.find(other)
        if one == other:
            continue
        if link >= count_certain and groups.marks[one] & groups.marks[other]:
            refused.append(link)
        else:
            groups.join(one, other)
    if not refused:
        return []
    holders: dict[tuple[int, int], int] = {}
    for node in np.flatnonzero(marks).tolist():
        root = groups.find(node)
        for bit in range(int(marks[node]).bit_length()):
            if marks[node] >> bit & 1:
                holders.setdefault((root, bit), node)
    found = []
    for link in refused:
        one, other = groups.find(int(left[link])), groups.find(int(right[link]))
        both = groups.marks[one] & groups.marks[other]
        bit = (both & -both).bit_length() - 1
        found.append((link, holders[one, bit], holders[other, bit]))
    return found


def joins_without_conflict(left: _Whole, right: _Whole, marks: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Tell which links may be followed so that no group of nodes holds two nodes with the same mark.

    The same as `links_in_conflict`, for many links of which hardly any brings two marks together: only components
    where all links together would do so are walked link by link.

    Args:
        left: One end of each link, the strongest link first, shape (m,).
        right: The other end, shape (m,).
        marks: Whether a node carries a mark, shape (marks, nodes).

    Returns:
        Shape (m,).
    """
    count_nodes = marks.shape[1]
    component = smallest_member_of_component(count_nodes, left, right)
    in_conflict = np.zeros(count_nodes, dtype=bool)
    for carries in marks:
        in_conflict |= np.bincount(component[carries], minlength=count_nodes) > 1
    walked = np.flatnonzero(in_conflict[component[left]])
    bits = (marks.astype(np.int64) << np.arange(len(marks))[:, None]).sum(axis=0)
    is_followed = np.ones(len(left), dtype=bool)
    for link, _, _ in links_in_conflict(bits, left[walked], right[walked], 0):
        is_followed[walked[link]] = False
    return is_followed


@dataclass(frozen=True)
class Bridge:
    """A link that alone holds two parts of its component together."""

    link: int
    """Place of the link."""
    left_size: int
    """Weight of the part at its left end."""
    right_size: int
    """Weight of the part at its right end."""


def bridges(size: _Whole, left: _Whole, right: _Whole) -> list[Bridge]:
    """Return the links whose removal would part their component, and how large the two parts are.

    The lowest place that each part of a depth-first walk reaches back to tells them (Tarjan 1974): one pass over nodes
    and links, without recursion. Two links between the same two nodes are never bridges.

    Args:
        size: Weight of each node 0 … n-1, shape (n,).
        left: One end of each link, shape (m,).
        right: The other end, shape (m,).
    """
    count = len(size)
    ends = np.concatenate([left, right])
    order = np.argsort(ends, kind="stable")
    first = np.concatenate([[0], np.cumsum(np.bincount(ends, minlength=count))]).tolist()
    neighbours = np.concatenate([right, left])[order].tolist()
    through = np.tile(np.arange(len(left)), 2)[order].tolist()
    place, lowest, weight = [-1] * count, [0] * count, size.tolist()
    cursor, found, seen = first[:count], [], 0
    for root in range(count):
        if place[root] >= 0:
            continue
        below: list[tuple[int, int]] = []
        place[root] = lowest[root] = seen
        seen += 1
        stack = [(root, -1)]
        while stack:
            node, came = stack[-1]
            if cursor[node] < first[node + 1]:
                at = cursor[node]
                cursor[node] += 1
                other, link = neighbours[at], through[at]
                if place[other] < 0:
                    place[other] = lowest[other] = seen
                    seen += 1
                    stack.append((other, link))
                elif link != came:
                    lowest[node] = min(lowest[node], place[other])
            else:
                stack.pop()
                if stack:
                    parent = stack[-1][0]
                    lowest[parent] = min(lowest[parent], lowest[node])
                    weight[parent] += weight[node]
                    if lowest[node] > place[parent]:
                        below.append((came, node))
        for link, node in below:
            near, far = weight[root] - weight[node], weight[node]
            found.append(Bridge(link, near, far) if int(right[link]) == node else Bridge(link, far, near))
    return sorted(found, key=lambda bridge: bridge.link)


def refused_bridges(
    size: _Whole, is_strong: npt.NDArray[np.bool_], left: _Whole, right: _Whole, weakest: _Whole, least: int
) -> list[int]:
    """Return those of the `weakest` links that are not followed: between two large parts that each hold a strong node.

    All other links are followed first, then these in their order; one is refused when both its sides have grown to
    `least` and hold a strong node by then. So of two such links in a row, one around a small part, only the later goes.

    Args:
        size: Weight of each node 0 … n-1, shape (n,).
        is_strong: Whether a node is strong by itself, shape (n,).
        left: One end of each link, shape (m,).
        right: The other end, shape (m,).
        weakest: Places of the links in question, the strongest first.
        least: Weight from which a side is large.
    """
    is_sure = np.ones(len(left), dtype=bool)
    is_sure[weakest] = False
    group = smallest_member_of_component(len(size), left[is_sure], right[is_sure])
    sizes = np.bincount(group, weights=size, minlength=len(size)).astype(np.int64).tolist()
    groups = _Groups((np.bincount(group, weights=is_strong, minlength=len(size)) > 0).astype(np.int64).tolist())
    refused = []
    for link in weakest.tolist():
        one, other = groups.find(int(group[left[link]])), groups.find(int(group[right[link]]))
        if one == other:
            continue
        if min(sizes[one], sizes[other]) >= least and groups.marks[one] and groups.marks[other]:
            refused.append(link)
        else:
            sizes[min(one, other)] += sizes[max(one, other)]
            groups.join(one, other)
    return refused
