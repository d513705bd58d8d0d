"""Paths, their flows and their parts, against loops in plain Python over invented journeys."""

from __future__ import annotations

import math
import statistics
from collections import Counter, defaultdict
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.cases import given as rows_given
from tests.walked import KINDS, MODELS, START, collapsed, flow_by_hand, made, sub_paths_by_hand, walks, worlds

SOME = settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
STEPS = ("core.page_groups", "core.path_nodes", "core.journey_codes", "core.taken_paths")
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


MARTS = (
    "marts.journey_paths", "marts.path_lengths", "marts.path_anchors", "marts.path_transitions", "marts.sub_paths",
    "marts.path_differences", "marts.path_lags", "marts.path_waits", "marts.path_effects",
)  # fmt: skip


@pytest.mark.parametrize("count", [0, 1, 50_000])
def test_no_journey_one_touch_and_fifty_thousand_in_one_second(empty, count) -> None:
    """Nobody, one journey of one touch, and one of 50,000 that all happen in the same second."""
    channels = [{"channel_code": 1, "channel": "A"}, {"channel_code": 2, "channel": "B"}]
    world: dict[str, Any] = {"core.channel_codes": channels, "core.journeys": [], "core.journey_traits": []}
    if count:
        world["core.journeys"] = [journey(1, [1], "converted") | {"last_touch_at": START}]
        world["core.journey_traits"] = [{"journey_id": 1, "customer_kind": "new", "device_category": "mobile"}]
    with rows_given(empty, {"given": world | {name: [] for name in (*STEPS, *MARTS)}}):
        empty.execute(f"update core.journeys set channel_codes = list_transform(range({count}), lambda i: 1 + i % 2)")
        for name in (*STEPS, *MARTS):
            model = MODELS[name]
            if model.compute is None:
                empty.create(name, model.sql)
            else:
                empty.write(name, model.compute(empty.arrow))
        paths = empty.rows(
            "select count_journeys, is_cut, len(path) from marts.journey_paths where path_kind = 'channel'"
        )
        assert paths == [(1, count > 50, min(count, 50))] * bool(count)
        lengths = "select distinct count_steps from marts.path_lengths where path_kind = 'channel' and is_collapsed"
        assert empty.rows(lengths) == [(count,)] * bool(count)
        told = {name: empty.value(f"select count(*) from {name}") for name in MARTS}
        # Flows are asked for by name also where nobody is; one journey alone is no part that several share.
        alone = ["marts.sub_paths"] if count else ["marts.path_anchors"]
        assert [name for name, size in told.items() if bool(size) != bool(count)] == alone


@given(worlds())
@SOME
def test_parts_of_paths_are_those_of_a_loop(empty, world) -> None:
    rows = made(empty, world, (*STEPS, "marts.sub_paths"), {"guard_n": 2, "most_paths": 5000})["marts.sub_paths"]
    mine = walks(world)
    expected = {}
    for kind in KINDS:
        paths = [(collapsed(walk.steps[kind]), walk.outcome) for walk in mine]
        held: dict[Any, Counter] = defaultdict(Counter)
        for path, outcome in paths:
            for part in sub_paths_by_hand(path):
                held[part][outcome] += 1
        for (form, part), outcomes in held.items():
            if outcomes.total() < 2:
                continue
            least = 3 if form == "gap" else len(part)
            others = Counter(outcome for path, outcome in paths if len(path) >= least) - outcomes
            expected[kind, form, part] = [
                outcomes.total(), outcomes["converted"], outcomes["converted"] + outcomes["lost"],
                others["converted"], others["converted"] + others["lost"],
            ]  # fmt: skip
    keys = ("count_journeys", "count_converted", "count_ended", "other_converted", "other_ended")
    assert {(r["path_kind"], r["form"], tuple(r["path"])): [r[key] for key in keys] for r in rows} == expected
    for row in rows:
        is_enough = row["count_ended"] >= 2 and row["other_ended"] >= 2
        assert (row["verdict"] == "too few to say") == (not is_enough) == (row["p_value"] is None)


PAIRS = [
    {"comparison": 1, "trait": "customer_kind", "first": "new", "second": "returning"},
    {"comparison": 2, "trait": "device_category", "first": "mobile", "second": "desktop"},
    {"comparison": 3, "trait": "outcome", "first": "converted", "second": "lost"},
]


@given(worlds())
@SOME
def test_differences_between_groups_are_those_of_a_loop(empty, world) -> None:
    chosen = {"most_paths": 5000, "guard_n": 2, "first_order_lookback_days": 1, "as_of": START + timedelta(hours=50)}
    rows = made(empty, world | {"config.path_comparisons": PAIRS}, (*STEPS, "marts.path_differences"), chosen)
    mine = walks(world)
    begun = {row["journey_id"]: row["started_at"] for row in world["core.journeys"]}
    expected = {}
    for pair in PAIRS:
        sides = [[walk for walk in mine if getattr(walk, pair["trait"]) == pair[side]] for side in ("first", "second")]
        for kind in KINDS:
            taken: dict[Any, list[int]] = defaultdict(lambda: [0, 0])
            for number, side in enumerate(sides):
                for walk in side:
                    path = collapsed(walk.steps[kind])
                    taken["path", path or ("(nothing seen)",)][number] += 1
                    ways = set(pairwise(("(start)", *path, ENDINGS[walk.outcome])))
                    ends = {"(drop-off)", "(still open)", *(["(conversion)"] if pair["trait"] == "outcome" else [])}
                    ways = {way for way in ways if way[1] not in ends}
                    for way in ways:
                        taken["passage", way][number] += 1
            cases = [len(side) for side in sides]
            expected |= {(pair["comparison"], kind, *key): [*hits, *cases] for key, hits in taken.items()}
            if pair["trait"] != "outcome":
                old = [[w for w in side if begun[w.journey_id] <= START + timedelta(hours=26)] for side in sides]
                soon = [sum(w.outcome == "converted" and w.days <= 1 for w in side) for side in old]
                expected[pair["comparison"], kind, "rate", ()] = [*soon, *map(len, old)]
    keys = ("first_hits", "second_hits", "first_cases", "second_cases")
    found = rows["marts.path_differences"]
    assert {
        (r["comparison"], r["path_kind"], r["form"], tuple(r["path"])): [r[key] for key in keys] for r in found
    } == expected
    for row in found:
        if row["difference"] is not None:
            assert row["difference_low"] <= row["difference"] <= row["difference_high"]
            assert math.isclose(row["difference"], row["first_share"] - row["second_share"], abs_tol=1e-12)


def ordered_by(waits: list[tuple[float, bool]], mark: float) -> float:
    """Kaplan and Meier's estimate in a loop: the share with an order by the mark; a wait without one is censored."""
    none = 1.0
    for time in sorted({days for days, is_order in waits if is_order and days <= mark}):
        at_risk = sum(days >= time for days, _ in waits)
        none *= 1 - sum(is_order and days == time for days, is_order in waits) / at_risk
    return 1 - none


@given(worlds())
@SOME
def test_waits_for_an_order_are_those_of_a_loop(empty, world) -> None:
    """Open journeys and lost ones are censored at the end of the data, and none is dropped."""
    as_of = START + timedelta(days=9)
    rows = made(empty, world, ("marts.path_lags", "marts.path_waits"), {"as_of": as_of})
    kinds = {row["journey_id"]: row["customer_kind"] for row in world["core.journey_traits"]}
    seen = [row for row in world["core.journeys"] if row["count_touches"]]
    for measure, begin in (("first_touch", "started_at"), ("last_touch", "last_touch_at")):
        for customer_kind in ("all", "new", "returning"):
            mine = [row for row in seen if customer_kind in ("all", kinds[row["journey_id"]])]
            waits = [
                (((row["ended_at"] if row["outcome"] == "converted" else as_of) - row[begin]) / timedelta(days=1),
                 row["outcome"] == "converted", row["outcome"] == "open")
                for row in mine
            ]  # fmt: skip
            lags = [
                row for row in rows["marts.path_lags"]
                if (row["measure"], row["customer_kind"]) == (measure, customer_kind)
            ]  # fmt: skip
            assert bool(lags) == bool(mine)
            assert sum(row["count_converted"] for row in lags) == sum(is_order for _, is_order, _ in waits)
            assert sum(row["count_open"] for row in lags) == sum(is_open for _, _, is_open in waits)
            for row in lags:
                mark = row["within_days"] or math.inf
                assert row["count_at_risk"] == sum(days >= mark for days, _, _ in waits)
                if row["count_at_risk"]:
                    expected = ordered_by([wait[:2] for wait in waits], mark)
                    assert row["ordered_share"] == pytest.approx(expected, abs=1e-9)
                    assert row["ordered_share_low"] - 1e-9 <= expected <= row["ordered_share_high"] + 1e-9
                else:
                    assert row["ordered_share"] is None
            told = [
                row for row in rows["marts.path_waits"]
                if (row["measure"], row["customer_kind"]) == (f"{measure}_days", customer_kind)
            ]  # fmt: skip
            orders = sorted(days for days, is_order, _ in waits if is_order)
            for row in told:
                assert (row["count_orders"], row["count_open"]) == (len(orders), sum(o for _, _, o in waits))
                if orders:
                    assert row["median"] == pytest.approx(statistics.median(orders))
                    assert row["median_low"] <= row["median"] + 1e-9
                    assert row["median"] <= row["median_high"] + 1e-9


@given(worlds())
@SOME
def test_what_repeats_change_is_what_a_loop_finds(empty, world) -> None:
    rows = made(empty, world, (*STEPS, "marts.path_effects"), {"guard_n": 1})["marts.path_effects"]
    mine = [walk for walk in walks(world) if walk.outcome != "open"]
    for row in rows:
        paths = [(walk.steps[row["path_kind"]], walk.outcome) for walk in mine if walk.steps[row["path_kind"]]]
        for key, hits, turned in (("path", "count_hits", collapsed), ("kept_path", "kept_hits", tuple)):
            counted: Counter[Any] = Counter()
            for path, outcome in paths:
                steps = turned(path)
                if row["conclusion"] == "passage":
                    counted.update(set(pairwise(steps)))
                elif row["conclusion"] == "several_steps":
                    counted[()] += outcome == "converted" and len(steps) > 1
                elif outcome == ("converted" if row["conclusion"] == "path_to_order" else "lost"):
                    counted[steps] += 1
            assert row[hits] == max(counted.values(), default=0)
            assert not row[hits] or counted[tuple(row[key])] == row[hits]
        if row["conclusion"] != "several_steps":
            assert row["verdict"] == ("holds" if row["path"] == row["kept_path"] else "changes")
