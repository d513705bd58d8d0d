"""Paths, their flows and their parts, against loops in plain Python over invented journeys."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.walked import KINDS, START, collapsed, flow_by_hand, made, walks, worlds

SOME = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
STEPS = ("core.page_groups", "core.path_nodes", "core.journey_codes")
ENDINGS = {"converted": "(conversion)", "lost": "(drop-off)", "open": "(still open)"}


@given(worlds(), st.booleans(), st.sampled_from([5, 50]))
@SOME
def test_paths_are_those_of_a_loop(empty, world, keeps_repeats, longest) -> None:
    """Every journey once in each kind, with what its path is, how long it is and how it ended."""
    chosen = {"path_collapse_repeats": not keeps_repeats, "longest_path": longest, "most_paths": 2}
    rows = made(empty, world, (*STEPS, "marts.journey_paths", "marts.path_lengths"), chosen)
    mine = walks(world)
    for kind in KINDS:
        told: dict[Any, list] = defaultdict(list)
        for walk in mine:
            path = walk.steps[kind] if keeps_repeats else collapsed(walk.steps[kind])
            told[path[:longest], len(path) > longest].append(walk)
        found = [row for row in rows["marts.journey_paths"] if row["path_kind"] == kind]
        listed = {
            (tuple(row["path"]), row["is_cut"]): row for row in found if not row["is_pooled"] and row["count_steps"]
        }
        for key, row in listed.items():
            outcomes = Counter(walk.outcome for walk in told[key])
            assert [row[f"count_{name}"] for name in ENDINGS] == [outcomes[name] for name in ENDINGS]
            assert row["revenue"] == sum(walk.revenue for walk in told[key])
        by_orders = sorted((sum(w.outcome == "converted" for w in took) for took in told.values()), reverse=True)
        least = min(by_orders[:2], default=0)
        for key, took in told.items():
            assert key in listed or not key[0] or sum(w.outcome == "converted" for w in took) <= least
        assert sum(row["count_paths"] for row in found) == len(told)
        assert sum(row["count_journeys"] for row in found) == len(mine)
        for is_collapsed in (True, False):
            lengths = Counter(
                (
                    walk.customer_kind,
                    len(collapsed(walk.steps[kind]) if is_collapsed else walk.steps[kind]),
                    walk.outcome,
                )
                for walk in mine
            )
            given_lengths = Counter(
                {(row["customer_kind"], row["count_steps"], name): row[f"count_{name}"]
                 for row in rows["marts.path_lengths"]
                 if row["path_kind"] == kind and row["is_collapsed"] == is_collapsed for name in ENDINGS}
            )  # fmt: skip
            assert +given_lengths == lengths


@given(worlds(), st.sampled_from(["/tea", "decision", "add_to_cart", "B"]))
@SOME
def test_flows_from_any_anchor_are_those_of_a_loop(empty, world, anchor) -> None:
    asked = [{"path_kind": kind, "step": anchor} for kind in KINDS]
    rows = made(
        empty, world | {"config.path_anchors": asked}, (*STEPS, "marts.path_anchors", "marts.path_transitions"),
        {"max_steps_drawn": 2},
    )  # fmt: skip
    found: dict[Any, Counter] = defaultdict(Counter)
    for row in rows["marts.path_transitions"]:
        place = row["path_kind"], row["anchor"], row["direction"]
        found[place][row["step"], row["from_node"], row["to_node"]] += row["count_journeys"]
    mine = walks(world)
    for kind in KINDS:
        paths = [(collapsed(walk.steps[kind]), ENDINGS[walk.outcome]) for walk in mine]
        assert found[kind, "(start)", "forward"] == flow_by_hand(paths, 2, "(start)")
        for end in ("(conversion)", "(drop-off)"):
            back = [(path[::-1], "(start)") for path, ending in paths if ending == end]
            assert found[kind, end, "backward"] == flow_by_hand(back, 2, end)
        passing = [(path, ending, path.index(anchor)) for path, ending in paths if anchor in path]
        ahead = [(path[place + 1 :], ending) for path, ending, place in passing]
        assert found[kind, anchor, "forward"] == flow_by_hand(ahead, 2, anchor)
        behind = [(path[:place][::-1], "(start)") for path, _, place in passing]
        assert found[kind, anchor, "backward"] == flow_by_hand(behind, 2, anchor)
        most = Counter(step for path, _ in paths for step in set(path))
        usual = [row for row in rows["marts.path_anchors"] if row["path_kind"] == kind and row["is_most_common"]]
        assert [row["count_journeys"] for row in usual] == ([max(most.values())] if most else [])


def journey(number: int, codes: list[int] | None, outcome: str = "lost") -> dict[str, Any]:
    return {
        "journey_id": number, "customer_id": number, "outcome": outcome, "started_at": START, "ended_at": START,
        "count_touches": len(codes or []), "channel_codes": codes, "duration_days": 0, "revenue": 0,
    }  # fmt: skip


MARTS = ("marts.journey_paths", "marts.path_lengths", "marts.path_anchors", "marts.path_transitions")


@pytest.mark.parametrize("count", [0, 1, 50_000])
def test_no_journey_one_touch_and_fifty_thousand_in_one_second(empty, count) -> None:
    """Nobody, one journey of one touch, and one of 50,000 that all happen in the same second."""
    channels = [{"channel_code": 1, "channel": "A"}, {"channel_code": 2, "channel": "B"}]
    world: dict[str, Any] = {"core.channel_codes": channels, "core.journeys": [], "core.journey_traits": []}
    if count:
        world["core.journeys"] = [journey(1, [1 + n % 2 for n in range(count)], "converted")]
        world["core.journey_traits"] = [{"journey_id": 1, "customer_kind": "new", "device_category": "mobile"}]
    rows = made(empty, world, (*STEPS, *MARTS))
    paths = [row for row in rows["marts.journey_paths"] if row["path_kind"] == "channel"]
    assert [(row["count_journeys"], row["is_cut"]) for row in paths] == [(1, count > 50)] * bool(count)
    assert all(len(row["path"]) <= 50 for row in paths)
    assert {row["count_steps"] for row in rows["marts.path_lengths"] if row["path_kind"] == "channel"} == (
        {count} - {0}
    )
    assert bool(rows["marts.path_transitions"]) == bool(count)
