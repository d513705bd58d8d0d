"""definitions.md 5.13: equal times, coarse clocks, and rows in any order."""

from __future__ import annotations

import json
import random
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.hard_cases.nights import REFUNDS, SHOP, SITE, TOWN, credit, night_of

CHANNELS = (
    "google,cpc,brand",
    "newsletter,email,May",
    "(direct),(none),",
    "google,organic,",
    "paypal.com,referral,",
    ",,",
)
DEEDS = ("page_view", "product_view", "add_to_cart", "store_visit", "call", "demo")
#: What shuffling must leave alone; lines and files are what it changes.
TABLES = {
    "core.touches": "*",
    "core.journeys": "*",
    "core.touchpoints": "* exclude (file_id, line_number)",
    "marts.attribution": "*",
    "marts.journey_paths": "*",
    "marts.reconciliation": "*",
}


def _lines() -> tuple[list[str], list[str], list[str]]:
    """Return lines of visits, orders and refunds of a few people within a few minutes of each other."""
    draw, site, shop, refunds = random.Random(5), [], [], []
    for number in range(90):
        person, visit = number % 6, draw.randrange(3)
        at = f"2026-09-01 10:{draw.randrange(4):02}"
        tag, deed = draw.choice(CHANNELS), draw.choice(DEEDS)
        session = f"s{person}{visit}" if deed.endswith(("view", "cart")) and person % 2 else ""
        site.append(
            f"e{number},{at},{deed},b{person},{session},,{tag},https://shop.example.com/?gclid=G{number % 4},\n"
        )
    for number in range(8):
        buyer = f"p{number % 6}@example.com,b{number % 6}"
        shop.append(f"10{number:02},2026-09-01 10:{number % 4:02},paid,{10 + number}.10,{buyer}\n")
    for number in range(3):
        refunds.append(f"r{number},100{number},2026-09-02 09:00,1.15\n")
    return site, shop, refunds


def _as_json(lines: list[str]) -> str:
    names = SITE.strip().split(",")
    rows = [dict(zip(names, line.strip().split(","), strict=True)) for line in lines]
    return "".join(json.dumps({key: value or None for key, value in row.items()}) + "\n" for row in rows)


def _tables(seed: int | None, suffix: str) -> dict[str, list[tuple[Any, ...]]]:
    parts = _lines()
    if seed is not None:
        for number, lines in enumerate(parts):
            random.Random(f"{seed} {number}").shuffle(lines)
    site, shop, refunds = parts
    text = SITE + "".join(site) if suffix == "csv" else _as_json(site)
    files = {f"site.{suffix}": text, "shop.csv": SHOP + "".join(shop), "refunds.csv": REFUNDS + "".join(refunds)}
    said = TOWN.replace('files: ["site*"]', f'files: ["site*.{suffix}"]')
    with TemporaryDirectory() as folder, night_of(Path(folder), files, said, only=tuple(TABLES)) as night:
        return {name: night.warehouse.rows(f"select {what} from {name} order by all") for name, what in TABLES.items()}


@cache
def _in_order() -> dict[str, list[tuple[Any, ...]]]:
    return _tables(None, "csv")


@settings(max_examples=2, deadline=None, derandomize=True)
@given(seed=st.integers(0, 1_000_000), suffix=st.sampled_from(["csv", "jsonl"]))
def test_shuffling_the_rows_of_every_file_changes_nothing(seed: int, suffix: str) -> None:
    expected, found = _in_order(), _tables(seed, suffix)
    assert len(expected["core.touches"]) > 20
    for name in TABLES:
        assert found[name] == expected[name], name


def test_a_click_of_the_minute_of_the_purchase_counts(tmp_path: Path) -> None:
    site = (
        f"{SITE}e1,2026-09-01 10:30:41,page_view,b1,s1,,google,cpc,,https://shop.example.com/,\n"
        "e2,2026-09-01 10:31:00,page_view,b1,s2,,newsletter,email,,https://shop.example.com/,\n"
    )
    shop = f"{SHOP}1001,2026-09-01 10:30,paid,40.00,ann@example.com,b1\n"
    coarse = TOWN.replace(
        "        ordered_at: at\n", "        ordered_at: at\n        time_precision: {value: minute}\n"
    )
    with night_of(tmp_path, {"site.csv": site, "shop.csv": shop}, coarse) as night:
        assert credit(night, "last") == {"Paid Search": 40.0}
