from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pipeline.reporting.facts import Facts, read_facts
from pipeline.reporting.numbers.attribution import (
    booked_numbers,
    effects_numbers,
    intervals_numbers,
    left_out_numbers,
    models,
    order_kinds_numbers,
    orders_numbers,
    revenue_numbers,
    source_numbers,
    verdicts_numbers,
    wide,
)
from pipeline.reporting.pages._credit import effects_table, verdict_sentence, verdicts_table
from pipeline.reporting.pages.attribution import _tie, draw_revenue, headline
from pipeline.reporting.render import render_page
from pipeline.reporting.style import UNTRACKED
from pipeline.reporting.tables import written
from pipeline.warehouse import Warehouse
from tests.reporting import shop
from tests.reporting.reading import read, read_csv


def test_models_stand_in_the_order_people_know(tea: Warehouse) -> None:
    assert models(tea)[:4] == ["first", "last", "last_non_direct", "last_paid"]
    assert len(models(tea)) == 12


def test_every_model_adds_up_to_booked_revenue_and_orders(tea: Warehouse) -> None:
    booked = booked_numbers(tea)[0]
    for model in models(tea):
        credited = sum(row["credited_revenue"] for row in revenue_numbers(tea) if row["model"] == model)
        assert credited == booked["revenue"]
        shares = sum(row["conversions"] for row in orders_numbers(tea) if row["model"] == model)
        assert shares == pytest.approx(booked["orders"])


def test_the_totals_row_ties_to_the_order_book(tea: Warehouse, tea_pages: Path) -> None:
    totals = read_csv(tea_pages / "tables" / "attribution-revenue-by-model.csv")[-1]
    assert {Decimal(totals[model]) for model in models(tea)} == {booked_numbers(tea)[0]["revenue"]}
    text = read(tea_pages / "attribution.html").text.replace("\u00a0", " ")
    assert f"Every model adds up to the EUR {booked_numbers(tea)[0]['revenue']:,.2f} booked, to the cent." in text


def test_a_model_that_does_not_tie_is_named(facts: Facts) -> None:
    booked = {"orders": 3, "revenue": Decimal("100.00")}
    totals = {"first": Decimal("100.004"), "linear": Decimal("99.99")}
    assert _tie(totals, booked, facts, "credited_revenue").endswith("Linear.")


def test_untracked_orders_come_last_and_get_no_mark(tea: Warehouse, facts: Facts) -> None:
    numbers = revenue_numbers(tea)
    rows = wide(numbers, "credited_revenue")
    assert rows[-1]["channel"] == UNTRACKED
    assert rows[-1]["spread"] == 0
    assert "by every model" in draw_revenue(numbers, facts).svg("x", "t")


def test_the_spread_is_what_models_disagree_by(tea: Warehouse) -> None:
    for row in wide(revenue_numbers(tea), "credited_revenue"):
        values = [value for key, value in row.items() if key not in ("channel", "spread")]
        assert row["spread"] == max(values) - min(values)


@pytest.mark.parametrize("level", ["source_medium", "campaign", "content"])
def test_sources_and_campaigns_add_up_too(level: str, tea: Warehouse) -> None:
    rows = source_numbers(tea, level)
    assert sum(row["credited_revenue"] for row in rows) == booked_numbers(tea)[0]["revenue"]
    assert rows[-1]["channel"] == UNTRACKED


def test_the_page_says_that_credit_is_no_cause(tea_pages: Path) -> None:
    assert "none of these models measures cause" in read(tea_pages / "attribution.html").text


def test_headline_says_whether_models_agree(tea: Warehouse, bare: Warehouse, facts: Facts) -> None:
    overall = verdicts_numbers(tea)[0]
    assert overall["channel"] == "(all channels)"
    assert ("disagree" in headline(tea, facts)) == (overall["verdict"] == "disagree")
    assert headline(bare, facts).startswith("Too few orders")


@pytest.mark.parametrize(
    ("rule", "leaders", "says"),
    [
        ("same_leader", ["Email"], "Email earns most by every model (n = 40)."),
        ("leaders_differ", ["Direct", "Email"], "disagree on who earns most: Direct or Email, by the model (n = 40)."),
        ("leader_is_open", ["Email"], "perhaps Email, but only 3 of 12 models are sure (n = 40)."),
        ("leader_is_open", ["A", "B", "C"], "perhaps A, B or C, but only 3 of 12"),
    ],
)
def test_every_verdict_on_all_channels_has_a_sentence(rule, leaders, says, facts: Facts) -> None:
    row = {"channel": "(all channels)", "rule": rule, "leaders": leaders, "count_orders": 40}
    asked: Any = SimpleNamespace(records=lambda sql: [row | {"count_sure": 3, "count_models": 12}])
    assert says in verdict_sentence(asked, facts).replace("\u00a0", " ")


def test_every_channel_and_all_together_have_one_verdict(tea: Warehouse) -> None:
    judged = [row["channel"] for row in verdicts_numbers(tea)]
    assert sorted(judged) == sorted({row["channel"] for row in intervals_numbers(tea)} | {"(all channels)"})


def test_intervals_hold_their_credit_and_tie_to_it(tea: Warehouse) -> None:
    credited = {
        (row["model"], row["channel"]): row["credited"]
        for row in tea.records(
            "select model, channel, sum(conversions) as credited from marts.attribution where level = 'channel' group by all"
        )
    }
    for row in intervals_numbers(tea):
        if row["is_additive"]:
            assert row["value"] == pytest.approx(credited[row["model"], row["channel"]], abs=1e-6)
        if row["value_low"] is not None:
            assert row["value_low"] <= row["value"] <= row["value_high"]
            assert row["rank_low"] <= row["rank"] <= row["rank_high"]


def test_effects_of_the_whole_add_up_to_the_credited_orders(tea: Warehouse) -> None:
    rows, orders = effects_numbers(tea), verdicts_numbers(tea)[0]["count_orders"]
    for model in ("markov_orders", "shapley_orders"):
        assert sum(row[model] for row in rows) == pytest.approx(orders)
    assert sum(row["participation_orders"] for row in rows) > orders


def test_the_page_says_what_a_removal_effect_is_and_what_the_chain_remembers(tea: Warehouse, tea_pages: Path) -> None:
    text = read(tea_pages / "attribution.html").text
    assert "It is not causal" in text
    assert f"(order {effects_numbers(tea)[0]['markov_order']}" in text
    assert "Mean log-likelihood of a step of journeys it had not seen" in text


def test_pooled_channels_are_said() -> None:
    with shop.empty_marts() as warehouse:
        shop.fill(warehouse, shop.simulate(people=150), most_channels=4)
        table = effects_table(warehouse, read_facts(warehouse))
    assert "(other channels) stands for the 7 smallest together." in table.note
    assert [row["channel"] for row in table.rows].count("(other channels)") == 1


def test_first_and_later_orders_add_up_to_what_was_booked(tea: Warehouse) -> None:
    rows = order_kinds_numbers(tea)
    both = sum((row["first_revenue"] or 0) + (row["later_revenue"] or 0) for row in rows)
    assert both == booked_numbers(tea)[0]["revenue"]


def test_what_direct_would_have_earned_is_said_where_it_is_left_out(tea: Warehouse, tmp_path: Path) -> None:
    assert left_out_numbers(tea) == [{"touches": 0, "orders": 0}]
    with shop.empty_marts() as warehouse:
        shop.fill(warehouse, shop.simulate(people=200), exclude_direct=True)
        [row] = left_out_numbers(warehouse)
        assert row["touches"] >= row["orders"] > 0
        text = read(render_page(warehouse, "attribution", tmp_path).html).text
    assert f"Direct is left out where another channel is there: {row['touches']} touches before" in text


def test_credit_of_the_whole_is_not_said_on_too_few_journeys(tea: Warehouse, facts: Facts) -> None:
    table = effects_table(tea, facts)
    guarded = {column.key: column for column in table.columns}
    few = table.rows[0] | {"count_journeys": facts.guard_n - 1, "shapley_orders": 89.3, "markov_orders": 3.1}
    for key in ("shapley_orders", "markov_orders"):
        assert "too few to say" in written(guarded[key], few, facts)


def test_verdicts_are_explained_without_names_of_settings(tea: Warehouse, facts: Facts) -> None:
    said = {row["rule"]: row["rule_says"] for row in verdicts_table(tea, facts).rows}
    assert said
    assert not [text for text in said.values() if "agree_within" in text or "guard_n" in text]
