from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from pipeline.reporting.facts import Facts, Numbers
from pipeline.reporting.numbers.paths import (
    ENDS,
    KINDS,
    anchors_numbers,
    around_interaction_numbers,
    backward_numbers,
    comparisons_numbers,
    forward_numbers,
    leaving,
    length_rates_numbers,
    lengths_numbers,
    paths_numbers,
)
from pipeline.reporting.pages import _ways
from pipeline.reporting.pages.paths import draw_forward, headline
from pipeline.reporting.tables import written
from pipeline.warehouse import Warehouse
from tests.reporting.reading import read


@pytest.fixture(params=["forward", "backward"])
def flow(request: pytest.FixtureRequest, tea: Warehouse) -> Numbers:
    return forward_numbers(tea) if request.param == "forward" else backward_numbers(tea)


def test_what_flows_into_a_node_flows_out_of_it(flow: Numbers) -> None:
    into, out = Counter[tuple[int, str]](), Counter[tuple[int, str]]()
    for row in flow:
        out[row["step"] - 1, row["from_node"]] += row["count_journeys"]
        if row["to_node"] not in ENDS:
            into[row["step"], row["to_node"]] += row["count_journeys"]
    assert into == Counter({place: count for place, count in out.items() if place[0] > 0})


def test_every_journey_flows_to_an_end(flow: Numbers) -> None:
    ended = sum(row["count_journeys"] for row in flow if row["to_node"] in ENDS)
    assert ended == leaving(flow)


def test_the_flows_begin_with_all_journeys_and_all_orders(tea: Warehouse) -> None:
    assert leaving(forward_numbers(tea)) == tea.value("select count(*) from core.journeys")
    assert leaving(backward_numbers(tea)) == tea.value("select count(*) from core.journeys where outcome = 'converted'")


def test_small_channels_flow_together_and_say_how_many_they_are(tea: Warehouse, facts: Facts) -> None:
    nodes = {row["to_node"] for row in forward_numbers(tea)} - set(ENDS)
    assert len(nodes) == 8
    assert "(other channels: 3)" in nodes
    svg = draw_forward(forward_numbers(tea), facts).svg("x", "t")
    assert "Other (3)" in svg


def test_every_band_tells_its_numbers(tea: Warehouse, facts: Facts) -> None:
    numbers = forward_numbers(tea)
    svg = draw_forward(numbers, facts).svg("x", "t")
    assert svg.count("<title>") >= len(numbers)
    assert f"Start → Organic Search: {numbers[0]['count_journeys']} journeys" in svg


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("outcome", ["converted", "lost"])
def test_the_rows_of_a_path_table_add_up_to_all_journeys_with_that_end(tea: Warehouse, kind: str, outcome: str) -> None:
    rows = paths_numbers(tea, kind, outcome)
    ends = f"select count(*) from core.journeys where outcome = '{outcome}'"
    assert sum(row[f"count_{outcome}"] for row in rows) == tea.value(ends)
    named = [row for row in rows if row["count_paths"] == 1]
    assert [row[f"count_{outcome}"] for row in named] == sorted(
        (row[f"count_{outcome}"] for row in named), reverse=True
    )
    others = [row for row in rows if row["path"][0].startswith("(other paths: ")]
    assert len(others) <= 1
    assert len(named) == 40 or not others


def test_what_came_before_and_after_a_step_is_every_journey_that_passes_it(tea: Warehouse) -> None:
    rows = around_interaction_numbers(tea)
    assert rows[0]["from_node"] == "add_to_cart", "it is asked for; the most common step is not"
    passing = tea.value("select count_journeys from marts.path_anchors where anchor = 'add_to_cart'")
    for direction in ("backward", "forward"):
        mine = [row for row in rows if row["direction"] == direction]
        assert leaving(mine) == passing
        assert sum(row["count_journeys"] for row in mine if row["to_node"] in ENDS) == passing


def test_without_journeys_nothing_is_compared(bare: Warehouse) -> None:
    assert comparisons_numbers(bare) == []


def test_every_kind_of_step_has_a_tab_that_needs_no_script(tea_pages: Path) -> None:
    page = read(tea_pages / "paths.html")
    inputs = [attrs for tag, attrs in page.tags if tag == "input" and attrs["name"] == "kind"]
    assert [attrs["id"] for attrs in inputs] == [f"kind-{kind.replace('_', '-')}" for kind in KINDS]
    assert ["checked" in attrs for attrs in inputs] == [True, False, False, False]


def test_a_step_that_nobody_passes_is_said_to_have_none(tea: Warehouse, tea_pages: Path) -> None:
    row = next(row for row in anchors_numbers(tea) if row["anchor"] == "begin_checkout")
    assert (row["count_journeys"], row["nearest_step"]) == (0, None)
    assert "begin_checkout" in read(tea_pages / "paths.html").text


def test_open_journeys_are_not_in_the_rate(tea: Warehouse) -> None:
    for rate, length in zip(length_rates_numbers(tea), lengths_numbers(tea), strict=True):
        assert rate["count_ended"] == length["count_journeys"] - length["count_open"]
        assert rate["conversion_rate"] == rate["count_converted"] / rate["count_ended"]


def test_a_rate_on_few_journeys_is_not_printed(tea: Warehouse, tea_pages: Path) -> None:
    few = next(row for row in paths_numbers(tea, "channel", "converted") if row["count_ended"] < 30)
    text = read(tea_pages / "paths.html").text.replace("\u00a0", " ")
    assert f"too few to say (n = {few['count_ended']})" in text


def test_headline(tea: Warehouse, bare: Warehouse, facts: Facts) -> None:
    assert "pass more than one channel" in headline(tea, facts)
    assert "too few to say" in headline(bare, facts)


def test_orders_that_nothing_was_seen_before_have_no_conversion_rate(tea: Warehouse, facts: Facts) -> None:
    table = _ways.paths(tea, facts, "channel", "converted")
    (unseen,) = [row for row in table.rows if row["count_steps"] == 0]
    cells = {column.key: written(column, unseen, facts) for column in table.columns}
    assert unseen["count_converted"] > 0
    assert (cells["conversion_rate"], cells["verdict"]) == ("–", "")
    assert cells["outcome_share"] != "–"


def test_a_group_that_no_journey_is_in_is_named_instead_of_a_table_of_zeros(
    tea: Warehouse, facts: Facts, monkeypatch: pytest.MonkeyPatch
) -> None:
    pairs = [row | {"trait": "device_category", "first_value": "moblie"} for row in comparisons_numbers(tea)[:1]]
    whole = _ways.differences(tea, facts)[0][1]
    monkeypatch.setattr(_ways, "comparisons_numbers", lambda _: [row | {"first_cases": 0} for row in pairs])
    ((_, table),) = _ways.differences(tea, facts)
    assert len(whole.rows) > 0
    assert list(table.rows) == []
    assert table.note.startswith("No journey has device category moblie: see Data health")
