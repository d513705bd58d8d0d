from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from pipeline.reporting.facts import Facts, Numbers
from pipeline.reporting.numbers.paths import (
    ENDS,
    backward_numbers,
    forward_numbers,
    leaving,
    length_rates_numbers,
    lengths_numbers,
    paths_numbers,
)
from pipeline.reporting.pages.paths import draw_forward, headline
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


def test_paths_are_the_mart_in_order(tea: Warehouse) -> None:
    rows = paths_numbers(tea)
    assert len(rows) == tea.value("select count(*) from marts.journey_paths where path_kind = 'channel'")
    assert [row["count_journeys"] for row in rows] == sorted((row["count_journeys"] for row in rows), reverse=True)
    seen = sum(row["count_journeys"] for row in rows if row["count_steps"] != 0)
    assert seen == sum(row["count_journeys"] for row in lengths_numbers(tea))


def test_open_journeys_are_not_in_the_rate(tea: Warehouse) -> None:
    for rate, length in zip(length_rates_numbers(tea), lengths_numbers(tea), strict=True):
        assert rate["count_ended"] == length["count_journeys"] - length["count_open"]
        assert rate["conversion_rate"] == rate["count_converted"] / rate["count_ended"]


def test_a_rate_on_few_journeys_is_not_printed(tea: Warehouse, tea_pages: Path) -> None:
    few = next(row for row in paths_numbers(tea) if row["count_ended"] < 30)
    text = read(tea_pages / "paths.html").text.replace("\u00a0", " ")
    assert f"too few to say (n = {few['count_ended']})" in text


def test_headline(tea: Warehouse, bare: Warehouse, facts: Facts) -> None:
    assert "pass more than one channel" in headline(tea, facts)
    assert "too few to say" in headline(bare, facts)
