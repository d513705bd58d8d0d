"""Funnels as a plain loop over what each person did: what the models are held against."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby, product
from typing import Any

from pipeline.config.funnels import uses_orders
from pipeline.config.sections.funnels import Funnel

BEGIN, WINDOW_DAYS, AS_OF = datetime(2026, 3, 1, 10), 2.0, datetime(2026, 3, 12)
SECOND = timedelta(seconds=1)
#: Steps that never fit the same event, by SQL or by kinds alone, and steps that do.
APART = (
    {"name": "look", "interaction": "page_view"},
    {"name": "cart", "sql": "event_name = 'cart'"},
    {"name": "buy", "interaction": "purchase"},
)
KINDS = tuple({"name": "cart", "interaction": "add_to_cart"} if step["name"] == "cart" else step for step in APART)
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
        steps = (APART, SHARED, KINDS, SHARED)[(number // 2 + number // 36) % 4]
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
    # Plain ones go a way of their own: all of them.
    for steps, attempt, count, grace in product(
        (APART, KINDS), ("longest_then_earliest", "first", "all"), ("people", "sessions"), (0, 1)
    ):
        said = {
            "name": f"{len(found)}", "steps": steps, "attempt": attempt, "count": count, "grace_seconds": grace,
            "window_days": WINDOW_DAYS, "breakdown": (),
        }  # fmt: skip
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
            if now + 1 not in fitting or other == here or candidate.at < event.at - grace:
                continue
            if not any(len(stepping[between][1]) > 1 for between in range(other, here + 1)):
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


def event_id(number: int, salt: str) -> uuid.UUID:
    return uuid.uuid5(uuid.NAMESPACE_URL, f"{salt}{number}")


def order_id(order: str) -> uuid.UUID:
    return uuid.UUID(hashlib.md5(f"order {order}".encode()).hexdigest())
