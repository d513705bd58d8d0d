from __future__ import annotations

from dataclasses import replace
from functools import partial
from itertools import pairwise

import pytest

from pipeline.reporting import sql
from pipeline.reporting.facts import Facts
from pipeline.reporting.numbers import stages
from pipeline.reporting.numbers.stages import (
    channel_steps_numbers,
    funnel_numbers,
    month_steps_numbers,
    step_rates_numbers,
    waiting_numbers,
)
from pipeline.reporting.pages._steps import draw_month_steps, draw_step_rates
from pipeline.reporting.pages.stages import draw_funnel, draw_waiting, headline
from pipeline.warehouse import Warehouse


def test_everybody_at_a_stage_went_on_still_may_or_stopped(tea: Warehouse) -> None:
    rows = funnel_numbers(tea)
    for row, following in pairwise(rows):
        assert row["count_people"] == row["count_went_on"] + row["count_open"] + row["count_stopped"]
        assert row["count_went_on"] == following["count_people"] <= row["count_people"]
        assert row["count_stopped"] >= 0


def test_step_rates_are_the_mart(tea: Warehouse) -> None:
    expected = tea.rows(
        """select stage, step_rate, count_decided from marts.stage_conversion
        where breakdown = 'all' and stage_index > 1 order by stage_index"""
    )
    assert [(row["stage"], row["step_rate"], row["count_decided"]) for row in step_rates_numbers(tea)] == expected


def test_steps_by_channel_cover_everybody(tea: Warehouse) -> None:
    first = [row for row in channel_steps_numbers(tea) if row["stage"] == "consideration"]
    assert sum(row["count_mature"] for row in first) == step_rates_numbers(tea)[0]["count_mature"]


def test_pooled_channels_give_the_rate_of_their_sums(tea: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stages.sql, "pooled_channels", partial(sql.pooled_channels, most=3))
    pooled = [row for row in channel_steps_numbers(tea) if row["channel"].startswith("(other channels")]
    assert {row["channel"] for row in pooled} == {"(other channels: 7)"}
    for row in pooled:
        assert row["step_rate"] == row["count_mature"] / row["count_decided"]


def test_months_whose_people_were_seen_too_late_are_drawn_without_a_number(tea: Warehouse, facts: Facts) -> None:
    rows = month_steps_numbers(tea)
    last = [row for row in rows if row["month"] == "2026-08"]
    assert last[0]["mature_share"] < 0.5
    assert last[0]["count_decided"] < facts.guard_n
    assert f"too few (n = {last[0]['count_decided']})" in draw_month_steps(rows, facts).svg("x", "t")


def test_rates_on_few_people_are_drawn_without_a_number(tea: Warehouse, facts: Facts) -> None:
    svg = draw_step_rates(step_rates_numbers(tea), replace(facts, guard_n=10_000)).svg("x", "t")
    assert svg.count("too few (n = ") == 4


def test_open_journeys_wait_for_the_next_stage(tea: Warehouse) -> None:
    rows = waiting_numbers(tea)
    open_ones = tea.value("select count(*) from core.journeys where outcome = 'open'")
    assert sum(row["count_journeys"] for row in rows) == rows[0]["count_outcome"] == open_ones
    assert [row["waits_for"] for row in rows] == ["awareness", "consideration", "decision", "purchase"]


def test_headline(tea: Warehouse, bare: Warehouse, facts: Facts) -> None:
    assert headline(tea, facts).startswith("Most people are lost between ")
    assert headline(bare, facts).startswith("Too few people")


def test_no_share_stands_on_few_cases(tea: Warehouse, facts: Facts) -> None:
    strict = replace(facts, guard_n=100_000)
    for numbers, draw in (
        (funnel_numbers, draw_funnel),
        (waiting_numbers, draw_waiting),
    ):
        assert "%" in draw(numbers(tea), facts).svg("x", "t")
    assert "%" not in draw_funnel(funnel_numbers(tea), strict).svg("x", "t")
    assert "%" not in draw_waiting(waiting_numbers(tea), strict).svg("x", "t")
