"""identity.csv: joining and splitting people by hand, and taking it back."""

from __future__ import annotations

import itertools
from pathlib import Path

import networkx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.analysis.graphs import cut_between
from pipeline.config.overrides import read_overrides
from pipeline.errors import ConfigError
from pipeline.night import Night
from pipeline.run import run
from tests.projects import HEADER, KIOSK, write_project

ROWS = (
    f"{HEADER}\n1,2026-09-01 10:00,ann@example.com,10.00,USD\n2,2026-09-02 10:00,bob@example.com,5.50,USD\n"
    "3,2026-09-03 10:00,ann@example.com,1.00,USD\n"
)

pytestmark = pytest.mark.usefixtures("no_expectations")
HEAD = "action,kind,value,other_kind,other_value,note\n"


def customers(root: Path, overrides: str | None) -> dict[str, int]:
    """Run a night and return the customer of each address."""
    files = {"kiosk.csv": ROWS} | ({"overrides/identity.csv": overrides} if overrides is not None else {})
    if overrides is None:
        (root / "data" / "raw" / "overrides" / "identity.csv").unlink(missing_ok=True)
    with Night.open(write_project(root, files, KIOSK)) as night:
        assert run(night).is_published
        return dict(night.warehouse.rows("select written, customer_id from identity.keys where kind = 'email'"))


def test_two_people_are_joined_with_one_line_and_parted_by_taking_it_away(tmp_path: Path) -> None:
    before = customers(tmp_path, None)
    assert len(set(before.values())) == 2
    joined = customers(tmp_path, f"{HEAD}join,email,Ann@example.com,email,bob@example.com,married\n")
    assert len(set(joined.values())) == 1
    assert customers(tmp_path, None) == before


def test_a_split_undoes_a_merge_and_the_night_says_what_it_moved(tmp_path: Path) -> None:
    join = "join,email,ann@example.com,email,bob@example.com,\n"
    assert len(set(customers(tmp_path, HEAD + join).values())) == 1
    split = "split,email,ann@example.com,email,bob@example.com,two colleagues\n"
    parted = customers(tmp_path, HEAD + join + split)
    assert parted["ann@example.com"] != parted["bob@example.com"]
    with Night.open(write_project(tmp_path, {})) as night:
        rule = night.warehouse.rows("select kind, value, other_value, rule from identity.refused_links")
        moved = night.warehouse.rows(
            "select metric, value_before, value_after, settings_changed, files, because from ops.restatements"
        )
    assert rule == [("email", "ann@example.com", "bob@example.com", "split_by_hand, line 3")]
    because = "settings changed: identity_overrides"
    assert ("new_customers", 1.0, 2.0, ["identity_overrides"], [], because) in moved


def test_merging_people_changes_no_revenue(tmp_path: Path) -> None:
    totals = []
    for overrides in (None, f"{HEAD}join,email,ann@example.com,email,bob@example.com,\n"):
        customers(tmp_path, overrides)
        with Night.open(write_project(tmp_path, {})) as night:
            totals.append(night.warehouse.rows("select sum(revenue), count(*) from core.orders where is_conversion"))
    assert totals[0] == totals[1]


def test_every_mistake_in_the_file_is_said_at_once(tmp_path: Path) -> None:
    path = tmp_path / "overrides" / "identity.csv"
    path.parent.mkdir()
    path.write_text(
        f"{HEAD}joyn,email,a@x.example,emial,b@x.example,\nsplit,phone,,phone,1,\njoin,email,a,email,a,\n\n"
    )
    with pytest.raises(ConfigError) as caught:
        read_overrides(tmp_path)
    said = [str(problem) for problem in caught.value.problems]
    assert len(said) == 4
    assert "identity.csv:2" in said[0] and "join" in said[0]
    assert "identity.csv:2 other_kind" in said[1] and "email" in said[1]
    assert "identity.csv:3 value" in said[2]
    assert "identity.csv:4" in said[3] and "same identifier" in said[3]


@pytest.mark.parametrize("text", ["", "action,kind\njoin,email\n"], ids=["empty", "columns missing"])
def test_a_file_without_its_columns_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "overrides").mkdir()
    (tmp_path / "overrides" / "identity.csv").write_text(text)
    with pytest.raises(ConfigError, match="Columns are missing"):
        read_overrides(tmp_path)


@settings(max_examples=60, deadline=None)
@given(
    links=st.lists(
        st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(1, 5)).filter(lambda link: link[0] != link[1]),
        min_size=1, max_size=12, unique_by=lambda link: frozenset(link[:2]),
    )
)  # fmt: skip
def test_a_cut_parts_the_pair_with_the_least_weight_that_any_cut_has(links: list[tuple[int, int, int]]) -> None:
    left, right, weight = (np.array(column, dtype=np.int64) for column in zip(*links, strict=True))
    cut = [link for link, _ in cut_between(7, left, right, weight, [(0, 6)])]

    def parts(removed: set[int]) -> bool:
        graph = networkx.Graph()
        graph.add_nodes_from(range(7))
        graph.add_edges_from(links[i][:2] for i in range(len(links)) if i not in removed)
        return not networkx.has_path(graph, 0, 6)

    best = min(
        sum(links[i][2] for i in removed)
        for size in range(len(links) + 1)
        for removed in map(set, itertools.combinations(range(len(links)), size))
        if parts(removed)
    )
    assert parts(set(cut))
    assert sum(links[i][2] for i in cut) == best
