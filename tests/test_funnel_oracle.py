"""Funnels by the models against a plain loop over each person's events, for every combination of what may be set."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from pipeline.build import make
from pipeline.catalog import Model, read_models
from pipeline.config import Settings
from pipeline.config.funnels import funnel_rows
from pipeline.config.sections.funnels import Funnel
from pipeline.config.tables import typed
from pipeline.funnels import TOUCHPOINT, define_conditions
from pipeline.warehouse import Warehouse
from tests.funnel_loop import (
    AS_OF,
    BEGIN,
    FUNNELS,
    KINDS,
    SECOND,
    WINDOW_DAYS,
    Event,
    counted,
    event_id,
    expected,
    order_id,
    ways,
)

MODELS = [
    "core.funnel_kinds", "core.funnel_answers", "core.funnel_steps", "core.funnel_actions", "core.funnel_starts",
    "core.funnel_ways", "core.funnel_events", "core.funnel_neighbours", "core.funnel_links",
    "core.funnel_unordered", "core.funnel_attempts", "core.funnel_rounds", "core.funnel_chosen", "core.funnel_entries",
    "core.funnel_reached",
]  # fmt: skip


def computed(
    warehouse: Warehouse, models: dict[str, Model], events: list[Event], orders: list[Event]
) -> dict[str, Any]:
    narrow = pa.Table.from_pylist(
        [
            {
                "touchpoint_id": str(e.event_id), "customer_id": e.person, "session_id": e.session, "occurred_at": e.at,
                "interaction": e.kind, "product_ref": e.product, "event_name": "cart" if e.kind == "add_to_cart" else "",
                "page_path": "/c" if e.kind == "add_to_cart" or (e.kind == "page_view" and e.product == "b") else None,
                "stage": "purchase" if e.kind == "purchase" else "awareness", "is_machine": False, "is_test": False,
            }
            for e in events
        ]
    )  # fmt: skip
    values = [
        f"{name}::{kind}" if name in narrow.column_names else f"null::{kind}" for name, kind in TOUCHPOINT.items()
    ]
    chosen = ", ".join(f"{value} as {name}" for value, name in zip(values, TOUCHPOINT, strict=True))
    with warehouse.given(narrow) as view:
        warehouse.create("core.touchpoints", f"select {chosen} from {view}")
    bought = [(e.order, e.person, e.at) for e in orders]
    rows = ", ".join(f"('{o}', {p}::bigint, timestamp '{at}', 'web', true)" for o, p, at in bought)
    shape = "(order_id, customer_id, counted_until_at, sale_channel, is_conversion)"
    nothing = "select null::varchar, null::bigint, null::timestamp, null::varchar, true where false"
    source = f"(values {rows}) as t{shape}" if bought else f"({nothing}) as t{shape}"
    warehouse.create("core.orders", f"select * from {source}")
    for name in MODELS:
        make(models[name], warehouse)
    return found_in(warehouse)


#: The steps of each entry, put together again.
_STEPS = """join (
    select funnel_index, entity_id, start_place, start_level, list(level order by nth) as levels,
        list(reached_at order by nth) as times
    from core.funnel_reached group by all) using (funnel_index, entity_id, start_place, start_level)"""


def found_in(warehouse: Warehouse) -> dict[str, Any]:
    found: dict[str, list[tuple[Any, ...]]] = {funnel.name: [] for funnel, _ in FUNNELS}
    for funnel_index, *row in warehouse.rows(
        "select funnel_index, entity_id, started_at, start_level, levels, times, outcome, ended_at, is_complete, "
        f"is_counted, is_counted_complete, is_counted_in_period, is_removed from core.funnel_entries {_STEPS}"
    ):
        row[3], row[4] = tuple(row[3]), tuple(row[4])
        found[FUNNELS[funnel_index - 1][0].name].append(tuple(row))
    return {name: sorted(rows) for name, rows in found.items()}


@pytest.fixture(scope="module")
def bench() -> Iterator[tuple[Warehouse, dict[str, Model]]]:
    with opened([funnel for funnel, _ in FUNNELS]) as both:
        yield both


@contextmanager
def opened(declared: list[Funnel]) -> Iterator[tuple[Warehouse, dict[str, Model]]]:
    with Warehouse.open(threads=1) as warehouse:
        for statement in _functions():
            warehouse.execute(statement)
        define_conditions(warehouse, declared)
        for name, rows in funnel_rows(Settings().model_copy(update={"funnels": tuple(declared)})).items():
            warehouse.write(f"config.{name}", typed(name, rows))
        warehouse.write("config.settings", typed("settings", [{"as_of": AS_OF, "reporting_zone": "UTC"}]))
        yield warehouse, read_models()


def _functions() -> list[str]:
    from pipeline.catalog import MODELS as FOLDER

    text = (FOLDER / "functions.sql").read_text(encoding="utf-8")
    return [statement for statement in text.split(";\n") if statement.strip()]


def complete(salt: str) -> tuple[list[Event], list[Event]]:
    """Return what one person did who did everything: a funnel is refused while nothing fits one of its steps."""
    kinds, who = ("page_view", "search", "add_to_cart", "purchase"), (99, 990)
    times = [BEGIN + timedelta(hours=hour) for hour in range(len(kinds))]
    done = [
        Event(at, event_id(n, f"{salt} all"), *who, kind, "a")
        for n, (at, kind) in enumerate(zip(times, kinds, strict=True))
    ]
    return done, [Event(times[-1], order_id(f"{salt} all"), 99, 0, "purchase", "", f"{salt} all")]


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Event], list[Event]]:
    """Draw what a few people did: near one another to the half second, or days apart, at the end of the data too."""
    salt = str(draw(st.integers(0, 1000)))
    events, orders, number = *complete(salt), 1000
    for person in range(1, draw(st.integers(2, 5)) + 1):
        at = BEGIN + timedelta(days=draw(st.sampled_from([0, 1, 8, 9.5])))
        for _ in range(draw(st.integers(1, 9))):
            at += draw(st.sampled_from([0, 0, 0.5, 1, 1.5, 3600, 86400, 90000, 2 * 86400])) * SECOND
            kind = draw(
                st.sampled_from(
                    ["page_view"] * 3
                    + ["search", "add_to_cart", "add_to_cart", "purchase", "purchase", "u_turn", "other"]
                )
            )
            number += 1
            who = (person, 10 * person + draw(st.integers(0, 1)), kind, draw(st.sampled_from("aab")))
            events.append(Event(at, event_id(number, salt), *who))
            if kind == "purchase" or draw(st.integers(0, 9)) == 0:
                late = at + draw(st.sampled_from([0, 0.5, 30])) * SECOND
                orders.append(Event(late, order_id(f"{salt} {number}"), person, 0, "purchase", "", f"{salt} {number}"))
    return [e for e in events if e.at <= AS_OF], [e for e in orders if e.at <= AS_OF]


def told_apart(name: str) -> Funnel:
    return next(funnel for funnel, _ in FUNNELS if funnel.name == name)


@settings(max_examples=8, deadline=None, derandomize=True, phases=[Phase.generate])
@given(history=histories())
def test_every_combination_is_what_a_plain_loop_finds(history, bench) -> None:
    events, orders = history
    if not events:
        return
    found, wanted = computed(*bench, events, orders), expected(events, orders)
    wrong = [name for name in wanted if found[name] != wanted[name]]
    if wrong:
        name = wrong[0]
        pytest.fail(
            f"{len(wrong)} funnels differ, the first: {told_apart(name)}\nfound {found[name]}\nwanted {wanted[name]}"
        )


@settings(max_examples=3, deadline=None, derandomize=True, phases=[Phase.generate])
@given(history=histories())
def test_plain_funnels_are_the_same_the_general_way(history, bench) -> None:
    events, orders = history
    if not events:
        return
    warehouse, models = bench
    found = computed(warehouse, models, events, orders)
    plain = warehouse.value("select count(distinct funnel_index) from core.funnel_steps where is_plain")
    assert 24 < plain < len(FUNNELS)
    both = "select count(*) from core.funnel_events semi join core.funnel_ways using (funnel_index)"
    assert not warehouse.value(both)
    warehouse.execute("update core.funnel_steps set is_plain = false")
    for name in MODELS[MODELS.index("core.funnel_actions") + 1 :]:
        make(models[name], warehouse)
    assert not warehouse.value("select count(*) from core.funnel_ways")
    assert found_in(warehouse) == found


def test_those_who_did_very_much_are_followed_like_everybody() -> None:
    """More rows than DuckDB reads at a time (2,048), so that what is read along is carried from one lot to the next."""
    done = []
    for person, count in ((1, 900), (2, 1300)):
        kinds = [["page_view"], ["page_view", "add_to_cart", "purchase"]]
        order = [kind for number in range(count) for kind in kinds[number % 100 == 0]]
        for number, kind in enumerate(order):
            at = BEGIN + SECOND * 450 * number
            done.append(Event(at, event_id(number, str(person)), person, person, kind, "a"))
    for attempt in ("longest_then_earliest", "first"):
        funnel, steps = next(
            (funnel, steps) for funnel, steps in FUNNELS
            if (funnel.mode, funnel.attempt, funnel.count, funnel.entry) == ("loose", attempt, "sessions", "closed")
            and not (funnel.exclude or funnel.hold_constant or funnel.step_max_gap_days) and steps is KINDS
        )  # fmt: skip
        with opened([funnel]) as (warehouse, models):
            found = [row for rows in computed(warehouse, models, done, []).values() for row in rows]
            assert warehouse.value("select count(*) from core.funnel_actions") > 2048
            assert warehouse.rows("select distinct entity_id from core.funnel_ways order by 1") == [(1,), (2,)]
        wanted = []
        for person in (1, 2):
            mine = [event for event in done if event.person == person]
            wanted += [
                (w.entity, w.start[0], w.start_level, w.levels, w.times, w.outcome, w.ended_at, w.is_complete, *flags)
                for w, *flags in counted(funnel, list(ways(funnel, steps, mine)))
            ]
        assert sorted(found) == sorted(wanted)


def final_cells(warehouse: Warehouse) -> list[tuple[Any, ...]]:
    """Return what is said of periods in which everybody was seen for a whole window."""
    return warehouse.rows(
        "select funnel_index, period, entity_id, start_place, start_level, levels, times, outcome, is_counted_in_period "
        f"from core.funnel_entries {_STEPS} cross join config.settings where is_counted_in_period "
        f"and period + interval 7 day + {WINDOW_DAYS} * interval 1 day < as_of order by all"
    )


@settings(max_examples=3, deadline=None, derandomize=True, phases=[Phase.generate])
@given(history=histories(), days=st.sampled_from([9.1, 9.4, 10]))
def test_cutting_the_data_or_shuffling_it_changes_nothing_that_was_final(history, days, bench) -> None:
    """An exclusion that removes from the whole funnel reaches no period but its own."""
    (events, orders), cut = history, BEGIN + timedelta(days=days)
    if not events:
        return
    warehouse, models = bench
    whole = computed(warehouse, models, events, orders)
    kept = final_cells(warehouse)
    assert computed(warehouse, models, events[::-1], orders[::-1]) == whole
    early = [e for e in events if e.at <= cut], [e for e in orders if e.at <= cut]
    try:
        warehouse.write("config.settings", typed("settings", [{"as_of": cut, "reporting_zone": "UTC"}]))
        if early[0]:
            computed(warehouse, models, *early)
            cells = final_cells(warehouse)
            until = cut - timedelta(days=7 + WINDOW_DAYS)
            assert cells == [row for row in kept if datetime.combine(row[1], datetime.min.time()) < until]
    finally:
        warehouse.write("config.settings", typed("settings", [{"as_of": AS_OF, "reporting_zone": "UTC"}]))
