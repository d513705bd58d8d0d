"""Which links are not followed: against networkx, and against what must hold for every graph."""

from __future__ import annotations

import networkx
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.analysis.graphs import smallest_member_of_component
from pipeline.analysis.merging import bridges, links_in_conflict, refused_bridges

NODES = 9
LINKS = st.lists(
    st.tuples(st.integers(0, NODES - 1), st.integers(0, NODES - 1)).filter(lambda link: link[0] != link[1]), max_size=16
)
WHOLE = st.lists(st.integers(0, 3), min_size=NODES, max_size=NODES).map(lambda values: np.array(values, dtype=np.int64))


def ends(links: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    both = np.array(links, dtype=np.int64).reshape(-1, 2)
    return both[:, 0], both[:, 1]


@settings(max_examples=150, deadline=None)
@given(links=LINKS, size=WHOLE)
def test_bridges_are_those_of_networkx_with_the_sizes_of_the_two_sides(links, size) -> None:
    left, right = ends(links)
    pairs = [frozenset(link) for link in links]
    graph = networkx.Graph()
    graph.add_nodes_from(range(NODES))
    graph.add_edges_from(links)
    expected = {frozenset(link) for link in networkx.bridges(graph)}
    found = bridges(size, left, right)
    assert {pairs[bridge.link] for bridge in found} == {pair for pair in expected if pairs.count(pair) == 1}
    for bridge in found:
        parted = graph.copy()
        parted.remove_edge(left[bridge.link], right[bridge.link])
        for node, weight in ((left[bridge.link], bridge.left_size), (right[bridge.link], bridge.right_size)):
            assert sum(size[n] for n in networkx.node_connected_component(parted, node)) == weight


@settings(max_examples=150, deadline=None)
@given(links=LINKS, marks=WHOLE, count_certain=st.integers(0, 3))
def test_no_group_holds_a_mark_twice_and_no_link_is_refused_without_need(links, marks, count_certain) -> None:
    left, right = ends(links)
    refused = links_in_conflict(marks, left, right, count_certain)
    kept = [link for link in range(len(links)) if link not in {link for link, _, _ in refused}]
    person = smallest_member_of_component(NODES, left[kept], right[kept])
    sure = smallest_member_of_component(NODES, left[:count_certain], right[:count_certain])
    for group in set(person.tolist()):
        for bit in (1, 2):
            holders = [node for node in range(NODES) if person[node] == group and marks[node] & bit]
            assert len({sure[node] for node in holders}) <= 1
    for link, one, other in refused:
        assert link >= count_certain
        # Its two ends lead to two nodes with the same mark, which only this link and weaker ones could bring together.
        assert person[left[link]] == person[one] != person[other] == person[right[link]]
        assert marks[one] & marks[other]
        stronger = [place for place in kept if place < link]
        so_far = smallest_member_of_component(NODES, left[stronger], right[stronger])
        sides = [np.bitwise_or.reduce(marks[so_far == so_far[node]]) for node in (left[link], right[link])]
        assert so_far[left[link]] != so_far[right[link]]
        assert sides[0] & sides[1]


@settings(max_examples=100, deadline=None)
@given(links=LINKS, size=WHOLE, marks=WHOLE, weakest=st.lists(st.integers(0, 15), unique=True), least=st.integers(1, 5))
def test_a_refused_bridge_parts_two_large_groups_with_a_strong_node_each(links, size, marks, weakest, least) -> None:
    left, right = ends(links)
    asked = np.array([link for link in weakest if link < len(links)], dtype=np.int64)
    refused = refused_bridges(size, marks > 0, left, right, asked, least)
    assert set(refused) <= set(asked.tolist())
    kept = [link for link in range(len(links)) if link not in refused]
    group = smallest_member_of_component(NODES, left[kept], right[kept])
    for link in refused:
        for end in (left[link], right[link]):
            mine = group == group[end]
            assert size[mine].sum() >= least
            assert (marks[mine] > 0).any()


def test_of_two_bridges_around_a_small_part_only_the_later_goes() -> None:
    left, right = ends([(0, 1), (1, 2)])
    size, strong = np.array([5, 1, 5]), np.array([True, False, True])
    assert refused_bridges(size, strong, left, right, np.array([0, 1]), 5) == [1]
    assert refused_bridges(size, strong, left, right, np.array([1, 0]), 5) == [0]
