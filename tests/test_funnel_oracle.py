"""Funnels by the models against a plain loop over each person's events, for every combination of what may be set."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby, product
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from pipeline.build import make
from pipeline.catalog import Model, read_models
from pipeline.config import Settings
from pipeline.config.funnels import funnel_rows, uses_orders
from pipeline.config.sections.funnels import Funnel
from pipeline.config.tables import typed
from pipeline.funnels import TOUCHPOINT, define_conditions
from pipeline.warehouse import Warehouse

MODELS = [
    "core.funnel_events", "core.funnel_steps", "core.funnel_histories", "core.funnel_ways", "core.funnel_neighbours",
    "core.funnel_links", "core.funnel_unordered", "core.funnel_attempts", "core.funnel_rounds", "core.funnel_entries",
]  # fmt: skip
BEGIN, WINDOW_DAYS, AS_OF = datetime(2026, 3, 1, 10), 2.0, datetime(2026, 3, 12)
SECOND = timedelta(seconds=1)
#: Steps that never fit the same event, and steps that do.
APART = (
    {"name": "look", "interaction": "page_view"},
    {"name": "cart", "sql": "event_name = 'cart'"},
    {"name": "buy", "interaction": "purchase"},
)
SHARED = (
    {"name": "look", "interaction": "page_view"},
    {"name": "again", "interaction": ["page_view", "search"]},
    {"name": "cart or page", "page_regex": "/c.*"},
    {"name": "buy", "stage": "purchase"},
)


@dataclass(frozen=True)
class Event:
    """Something somebody did, as the oracle sees it."""

    at: datetime
    event_id: uuid.UUID
    person: int
    session: int
    kind: str
    product: str
    order: str = ""

    def fits(self, steps: tuple[dict[str, Any], ...]) -> list[int]:
        """Return the steps, counted from 1, that it fits."""
        looks = {
            "look": self.kind == "page_view",
            "again": self.kind in ("page_view", "search"),
            "cart": self.kind == "add_to_cart",
            "cart or page": self.kind == "add_to_cart" or (self.kind == "page_view" and self.product == "b"),
            "buy": self.kind == "purchase",
        }
        return [level for level, step in enumerate(steps, 1) if looks[step["name"]]]


@dataclass(frozen=True)
class Way:
    """One way through a funnel."""

    entity: int
    start: tuple[datetime, str]
    start_level: int
    levels: tuple[int, ...]
    times: tuple[datetime, ...]
    outcome: str
    is_removed: bool
    ended_at: datetime
    is_complete: bool


def funnels() -> list[tuple[Funnel, tuple[dict[str, Any], ...]]]:
    found = []
    choices = product(
        ("loose", "strict", "any"), ("longest_then_earliest", "first", "all"), (None, "cut", "remove"), ((), ("product_ref",)),
        ("people", "entries", "sessions"), (0, 1), ("closed", "open"),
    )  # fmt: skip
    for number, (mode, attempt, how, hold, count, grace, entry) in enumerate(choices):
        # Steps, gaps and the reach of the exclusion alternate, each against every one of the others.
        steps = (APART, SHARED)[(number // 2 + number // 36) % 2]
        said: dict[str, Any] = {
            "name": f"{number}", "steps": steps, "mode": mode, "attempt": attempt, "hold_constant": hold, "count": count,
            "grace_seconds": grace, "entry": entry, "window_days": WINDOW_DAYS, "breakdown": (),
        }  # fmt: skip
        if (number // 3) % 3 == 0:
            said["step_max_gap_days"] = 1.0
        if how is not None:
            first = steps[(number // 4) % 2]["name"]
            said["exclude"] = ({"interaction": "u_turn", "how": how, "after": first},)
        found.append((Funnel.model_validate(said), steps))
    return found


FUNNELS = funnels()


def ways(funnel: Funnel, steps: tuple[dict[str, Any], ...], events: list[Event]) -> Iterator[Way]:
    """Yield every way through a funnel that begins with one of an entity's events."""
    ordered = sorted(events, key=lambda e: (e.at, e.event_id))
    for held in sorted({e.product if funnel.hold_constant else "" for e in ordered}):
        mine = [e for e in ordered if not funnel.hold_constant or e.product == held]
        stepping = [(e, e.fits(steps)) for e in mine if e.fits(steps)]
        for place, (_, levels) in enumerate(stepping):
            if funnel.mode == "any":
                yield unordered(funnel, len(steps), place, stepping, mine)
            else:
                for level in levels if funnel.entry == "open" else [1] * (1 in levels):
                    yield in_order(funnel, len(steps), place, level, stepping, mine, ordered)


def stop_after(funnel: Funnel, reached: int, at: datetime, mine: list[Event], names: list[str]) -> Event | None:
    for exclusion in funnel.exclude:
        first = names.index(exclusion.after or "") + 1
        if first <= reached < len(names):
            late = [e for e in mine if e.kind == "u_turn" and e.at > at + SECOND * funnel.grace_seconds]
            return late[0] if late else None
    return None


def in_order(funnel, count, place, level, stepping, mine, ordered) -> Way:  # type: ignore[no-untyped-def]
    grace, names = SECOND * funnel.grace_seconds, [step.name for step in funnel.steps]
    gap = timedelta(days=funnel.step_max_gap_days) if funnel.step_max_gap_days else None
    until = stepping[place][0].at + timedelta(days=WINDOW_DAYS)
    done, cut = [(level, place)], None
    while done[-1][0] < count:
        now, here = done[-1]
        event = stepping[here][0]
        follower = None
        for other, (candidate, fitting) in enumerate(stepping):
            is_back = other <= here
            crossed = [len(stepping[between][1]) > 1 for between in range(other, here + 1)] if is_back else []
            if now + 1 in fitting and other != here and candidate.at >= event.at - grace and not any(crossed):
                follower = other
                break
        stop = stop_after(funnel, now, event.at, mine, names)
        if follower is not None:
            after = stepping[follower][0]
            is_near = gap is None or after.at <= event.at + gap
            is_free = stop is None or stop.at >= after.at - grace
            between = [e for e in ordered if event.at + grace < e.at < after.at - grace]
            if is_near and is_free and not (funnel.mode == "strict" and between):
                if after.at > until:
                    break
                done.append((now + 1, follower))
                continue
        cut = stop
        break
    return told(funnel, count, [(now, stepping[here][0]) for now, here in done], until, gap, cut)


def unordered(funnel, count, place, stepping, mine) -> Way:  # type: ignore[no-untyped-def]
    grace, names = SECOND * funnel.grace_seconds, [step.name for step in funnel.steps]
    gap = timedelta(days=funnel.step_max_gap_days) if funnel.step_max_gap_days else None
    until = stepping[place][0].at + timedelta(days=WINDOW_DAYS)
    done: list[tuple[int, Event]] = []
    cut = None
    for event, fitting in stepping[place:]:
        if fitting[0] in [level for level, _ in done]:
            continue
        if done:
            stop = stop_after(funnel, len(done), done[-1][1].at, mine, names)
            is_near = gap is None or event.at <= done[-1][1].at + gap
            if not is_near or (stop is not None and stop.at < event.at - grace):
                cut = stop
                break
            if event.at > until:
                break
        done.append((fitting[0], event))
    else:
        cut = stop_after(funnel, len(done), done[-1][1].at, mine, names) if len(done) < count else None
    return told(funnel, count, done, until, gap, cut)


def told(funnel, count, done, until, gap, cut) -> Way:  # type: ignore[no-untyped-def]
    times = tuple(event.at for _, event in done)
    levels = tuple(level for level, _ in done)
    is_converted = len(done) == count if funnel.mode == "any" else levels[-1] == count
    deadline = until if gap is None else min(until, times[-1] + gap)
    is_cut = not is_converted and cut is not None and cut.at <= deadline
    first = done[0][1]
    return Way(
        entity=first.session if funnel.count == "sessions" else first.person,
        start=(first.at, str(first.event_id)),
        start_level=levels[0],
        levels=levels,
        times=times,
        outcome="converted" if is_converted else "lost" if is_cut or deadline < AS_OF else "open",
        is_removed=is_cut and funnel.exclude[0].how == "remove",
        ended_at=max(times) if is_converted else cut.at if is_cut else deadline,
        is_complete=until < AS_OF,
    )


def counted(funnel: Funnel, found: list[Way]) -> list[tuple[Way, bool, bool, bool, bool]]:
    """Return the ways of one entity that count: in the whole, among complete ones, in their week, and who is removed."""
    by_place = sorted(found, key=lambda w: (w.start, w.start_level))
    if funnel.count == "entries":
        taken = by_place if funnel.attempt == "all" else one_by_one(funnel, by_place)
        return [
            (w, not w.is_removed, w.is_complete and not w.is_removed, not w.is_removed, w.is_removed) for w in taken
        ]

    def chosen(of: list[Way]) -> tuple[Way | None, bool]:
        if not of:
            return None, False
        if funnel.attempt == "first":
            return of[0], of[0].is_removed
        return max(of, key=lambda w: len(w.levels)), any(w.is_removed for w in of)

    whole, gone = chosen(by_place)
    complete, complete_gone = chosen([w for w in by_place if w.is_complete])
    rows = []
    for _, week in groupby(by_place, key=lambda w: w.start[0].date() - timedelta(days=w.start[0].weekday())):
        of_week = list(week)
        weekly, weekly_gone = chosen(of_week)
        for way in of_week:
            flags = (
                way is whole and not gone, way is complete and not complete_gone, way is weekly and not weekly_gone,
                way is whole and gone,
            )  # fmt: skip
            if any(flags) or way in (whole, complete, weekly):
                rows.append((way, *flags))
    return rows


def one_by_one(funnel: Funnel, by_place: list[Way]) -> list[Way]:
    taken: list[Way] = []
    while True:
        left = [w for w in by_place if not taken or w.start[0] > taken[-1].ended_at]
        if not left:
            return taken
        first = left[0]
        if funnel.attempt == "longest_then_earliest":
            near = [w for w in left if w.start[0] <= first.start[0] + timedelta(days=WINDOW_DAYS)]
            first = max(near, key=lambda w: len(w.levels))
        taken.append(first)


def expected(events: list[Event], orders: list[Event]) -> dict[str, list[tuple[Any, ...]]]:
    found: dict[str, list[tuple[Any, ...]]] = {}
    for funnel, steps in FUNNELS:
        seen = [e for e in events if e.kind != "purchase"] + orders if uses_orders(funnel) else events
        by = (lambda e: e.session) if funnel.count == "sessions" else (lambda e: e.person)
        rows = []
        for entity in sorted({by(e) for e in seen}):
            mine = [e for e in seen if by(e) == entity]
            rows += [
                (w.entity, w.start[0], w.start_level, w.levels, w.times, w.outcome, w.ended_at, w.is_complete, *flags)
                for w, *flags in counted(funnel, list(ways(funnel, steps, mine)))
            ]
        found[funnel.name] = sorted(rows)
    return found


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


def found_in(warehouse: Warehouse) -> dict[str, Any]:
    found: dict[str, list[tuple[Any, ...]]] = {funnel.name: [] for funnel, _ in FUNNELS}
    for funnel_index, *row in warehouse.rows(
        "select funnel_index, entity_id, started_at, start_level, levels, times, outcome, ended_at, is_complete, "
        "is_counted, is_counted_complete, is_counted_in_period, is_removed from core.funnel_entries"
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


def event_id(number: int, salt: str) -> uuid.UUID:
    return uuid.uuid5(uuid.NAMESPACE_URL, f"{salt}{number}")


def order_id(order: str) -> uuid.UUID:
    return uuid.UUID(hashlib.md5(f"order {order}".encode()).hexdigest())


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Event], list[Event]]:
    """Draw what a few people did: near one another to the half second, or days apart, at the end of the data too."""
    salt = str(draw(st.integers(0, 1000)))
    events, orders, number = [], [], 0
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
def test_plain_funnels_are_the_same_where_people_did_too_much_for_a_list(history, bench) -> None:
    """The general way answers what the lists answer."""
    events, orders = history
    if not events:
        return
    warehouse, models = bench
    found = computed(warehouse, models, events, orders)
    listed = warehouse.value("select count(distinct funnel_index) from core.funnel_ways")
    assert 0 < listed < len(FUNNELS)
    assert not warehouse.value(
        "select count(*) from core.funnel_links semi join core.funnel_histories using (funnel_index)"
    )
    warehouse.execute("update core.funnel_histories set steps = null")
    for name in MODELS[MODELS.index("core.funnel_histories") + 1 :]:
        make(models[name], warehouse)
    assert not warehouse.value("select count(*) from core.funnel_ways")
    assert found_in(warehouse) == found


def test_somebody_who_did_very_much_is_followed_like_everybody() -> None:
    """Five hundred steps still make a list, one more does not; the oracle tells what both are worth."""
    kinds = ["page_view", "page_view", "add_to_cart", "page_view", "purchase"]
    done = [
        Event(BEGIN + SECOND * 900 * number, event_id(number, str(person)), person, person, kinds[number % 5], "a")
        for person, count in ((1, 500), (2, 501))
        for number in range(count)
    ]
    funnel, steps = next(
        (funnel, steps) for funnel, steps in FUNNELS
        if (funnel.mode, funnel.attempt, funnel.count, funnel.entry) == ("loose", "longest_then_earliest", "sessions", "closed")
        and not (funnel.exclude or funnel.hold_constant or funnel.step_max_gap_days or steps is SHARED)
    )  # fmt: skip
    with opened([funnel]) as (warehouse, models):
        found = [row for rows in computed(warehouse, models, done, []).values() for row in rows]
        told = "select entity_id, steps is null from core.funnel_histories order by 1"
        assert warehouse.rows(told) == [(1, False), (2, True)]
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
        "from core.funnel_entries where is_period_complete and is_counted_in_period order by all"
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
