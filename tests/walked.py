"""Journeys for tests of paths: invented touchpoints and journeys, and what paths are, in plain Python."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from pipeline.catalog import read_models
from pipeline.warehouse import Warehouse
from tests.cases import computed
from tests.cases import given as rows_given

MODELS = read_models()
START = datetime(2026, 1, 1)
STAGES = ["awareness", "consideration", "decision", "purchase", "retention"]
#: Interaction -> whether it is a step.
DEEDS = {"page_view": True, "add_to_cart": True, "lead_created": True, "email_open": False, "purchase": False, "other": False}  # fmt: skip
#: Page -> its group.
PAGES = {"/": "/", "/tea/sencha": "/tea", "/de/tea/2": "/tea", "/Cart?x=1": "/cart", "/77": "/:id"}
CHANNELS = ["A > B", "=cmd()", '"q" 🍵', "(start)", "B"]
KINDS = ("channel", "stage", "page_group", "interaction")

Rows = list[dict[str, Any]]
Path = tuple[str, ...]


@dataclass(frozen=True)
class Walk:
    """A journey as it is meant to be told: its steps by kind, with repeats, and how it ended."""

    journey_id: int
    outcome: str
    revenue: int
    steps: dict[str, Path]
    #: new or returning, and mobile or desktop.
    customer_kind: str = "new"
    device_category: str = "mobile"
    days: float = 0.0


def collapsed(path: Sequence[str]) -> Path:
    """Return a path with equal neighbours made one."""
    return tuple(step for place, step in enumerate(path) if place == 0 or path[place - 1] != step)


@st.composite
def worlds(draw: st.DrawFn) -> dict[str, Rows]:
    """Draw rows of the tables that paths are made of; many things happen at the same time."""
    journeys: Rows = []
    points: Rows = []
    for customer in range(1, draw(st.integers(1, 8)) + 1):
        begins = sorted(draw(st.lists(st.integers(0, 30), min_size=1, max_size=3, unique=True)))
        for index, (begin, following) in enumerate(zip(begins, [*begins[1:], None], strict=True)):
            outcome = draw(st.sampled_from(["converted", "lost", *(["open"] if following is None else [])]))
            end = draw(st.integers(begin, (following or 40) - 1 if following != begin else begin))
            channels = draw(st.lists(st.integers(1, len(CHANNELS)), max_size=6))
            journeys.append(
                {"journey_id": customer * 10 + index, "customer_id": customer, "outcome": outcome,
                 "started_at": START + timedelta(hours=begin), "ended_at": START + timedelta(hours=end),
                 "next_started_at": following and START + timedelta(hours=following),
                 "count_touches": len(channels), "channel_codes": channels or None, "duration_days": (end - begin) / 24,
                 "last_touch_at": START + timedelta(hours=draw(st.integers(begin, end))) if channels else None,
                 "revenue": draw(st.integers(0, 50)) if outcome == "converted" else 0}
            )  # fmt: skip
        for _ in range(draw(st.integers(0, 14))):
            points.append(
                {"touchpoint_id": len(points) + 1, "customer_id": customer,
                 "occurred_at": START + timedelta(hours=draw(st.integers(0, 40))),
                 "interaction": draw(st.sampled_from(list(DEEDS))), "stage": draw(st.sampled_from([None, *STAGES])),
                 "page_path": draw(st.sampled_from([None, *PAGES])), "session_id": draw(st.sampled_from([None, 1, 2])),
                 "is_machine": draw(st.integers(0, 9)) == 0}
            )  # fmt: skip
    traits = [
        {"journey_id": row["journey_id"], "customer_kind": draw(st.sampled_from(["new", "returning"])),
         "device_category": draw(st.sampled_from(["mobile", "desktop", "tablet"]))}
        for row in journeys
    ]  # fmt: skip
    return {
        "core.channel_codes": [{"channel_code": n, "channel": name} for n, name in enumerate(CHANNELS, 1)],
        "core.journeys": journeys, "core.touchpoints": points, "core.journey_traits": traits,
    }  # fmt: skip


def walks(world: dict[str, Rows]) -> list[Walk]:
    """Return every journey with its steps, by a loop over its customer's touchpoints."""
    people = [point for point in world["core.touchpoints"] if not point["is_machine"]]
    seen = Counter(PAGES[p["page_path"]] for p in people if p["page_path"] and p["session_id"])
    ranks = sorted(seen, key=lambda group: (-seen[group], group))
    deeds = sorted(deed for deed, is_step in DEEDS.items() if is_step)
    stages = [stage for stage in STAGES if stage != "purchase"]
    found = []
    for journey, trait in zip(world["core.journeys"], world["core.journey_traits"], strict=True):
        mine = []
        for point in people:
            at = point["occurred_at"]
            if point["customer_id"] != journey["customer_id"] or not DEEDS[point["interaction"]]:
                continue
            if at < journey["started_at"] or (journey["next_started_at"] and at >= journey["next_started_at"]):
                continue
            if journey["outcome"] == "converted" and at > journey["ended_at"]:
                continue
            group = PAGES.get(point["page_path"]) if point["session_id"] else None
            places = (
                1 + stages.index(point["stage"]) if point["stage"] in stages else 0,
                deeds.index(point["interaction"]),
                1 + ranks.index(group) if group else 0,
            )
            mine.append(((at, *places), point["stage"], point["interaction"], group))
        mine.sort(key=lambda point: point[0])
        codes = journey["channel_codes"] or []
        steps: dict[str, Path] = {
            "channel": tuple(named(CHANNELS[code - 1]) for code in codes),
            "stage": tuple(stage for _, stage, _, _ in mine if stage in stages),
            "interaction": tuple(deed for _, _, deed, _ in mine),
            "page_group": tuple(group for _, _, _, group in mine if group),
        }
        found.append(
            Walk(journey["journey_id"], journey["outcome"], journey["revenue"], steps, trait["customer_kind"],
                 trait["device_category"], journey["duration_days"])
        )  # fmt: skip
    return found


def named(channel: str) -> str:
    """Return the name a channel has as a step: one that is called like an end of a flow is told from it."""
    return f"channel {channel}" if channel == "(start)" else channel


def made(
    warehouse: Warehouse, world: dict[str, Rows], models: Sequence[str], settings: dict[str, Any] | None = None
) -> dict[str, Rows]:
    """Return the rows of the models, each made of those before it."""
    rows = dict(world)
    for name in models:
        with rows_given(warehouse, {"given": rows, "settings": settings or {}}):
            rows[name] = computed(warehouse, MODELS[name])
    return rows


def flow_by_hand(paths: Sequence[tuple[Path, str]], most: int, beginning: str) -> Counter[tuple[int, str, str]]:
    """Count passages of paths and their ends by step, in a loop; beyond `most` steps they go on unseen."""
    counted: Counter[tuple[int, str, str]] = Counter()
    for path, ending in paths:
        nodes = [beginning, *path]
        for step, node in enumerate(nodes[: most + 1], 1):
            following = nodes[step] if step < len(nodes) else ending
            counted[step, node, following if step <= most or step == len(nodes) else "(more steps)"] += 1
    return counted


def sub_paths_by_hand(path: Path) -> Iterator[tuple[str, Path]]:
    """Return every run of two to four steps, and every pair with others between them, that a path holds; each once."""
    found = {("run", path[i : i + n]) for n in (2, 3, 4) for i in range(len(path) - n + 1)}
    found |= {("gap", (path[i], path[j])) for i in range(len(path)) for j in range(i + 2, len(path))}
    yield from sorted(found)
