from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.reporting import text
from pipeline.reporting.facts import Facts
from pipeline.reporting.numbers.money import (
    campaigns_numbers,
    cards_numbers,
    channels_numbers,
    claim_months_numbers,
    claims_numbers,
    roas_numbers,
    ties_numbers,
    totals_numbers,
    whole_numbers,
)
from pipeline.reporting.pages._cards import cards
from pipeline.reporting.pages._claims import double_claims
from pipeline.reporting.pages.money import draw_roas, headline
from pipeline.reporting.tables import Column, written
from pipeline.warehouse import Warehouse
from tests.reporting.reading import read


def test_spend_and_credit_add_up_over_channels_and_agree_with_the_overview(tea: Warehouse) -> None:
    rows = channels_numbers(tea)
    assert sum(row["spend"] for row in rows) == tea.value("select sum(cost) from core.spend")
    assert sum(row["credited_revenue"] for row in rows) == tea.value(
        "select sum(revenue) from core.orders where is_conversion"
    )
    assert float(ties_numbers(tea)[0]["off"]) < 0.005
    overview = tea.rows("select channel, sum(spend), sum(revenue) from marts.channel_performance group by channel")
    assert {channel: (spend or 0, revenue) for channel, spend, revenue in overview} == {
        row["channel"]: (row["spend"], row["credited_revenue"]) for row in rows
    }


def test_campaigns_add_up_to_their_channels(tea: Warehouse) -> None:
    spent = {row["channel"]: row for row in channels_numbers(tea) if row["spend"]}
    assert spent
    for channel, row in spent.items():
        own = [campaign for campaign in campaigns_numbers(tea) if campaign["channel"] == channel]
        assert sum(campaign["spend"] for campaign in own) == row["spend"]
        assert float(sum(campaign["credited_revenue"] for campaign in own)) == pytest.approx(
            float(row["credited_revenue"])
        )


def test_campaigns_are_told_by_markov_as_well(tea: Warehouse) -> None:
    by_markov = {(row["channel"], row["campaign"]): row["markov_roas"] for row in campaigns_numbers(tea)}
    expected = tea.rows(
        """select channel, campaign, roas from marts.returns
        where level = 'campaign' and model = 'markov_order' and date_basis = 'order_date' and roas is not null"""
    )
    assert expected
    assert [by_markov[channel, campaign] for channel, campaign, _ in expected] == [roas for *_, roas in expected]


def test_the_models_of_the_whole_share_out_the_orders_of_the_days_with_spend(tea: Warehouse) -> None:
    rows = whole_numbers(tea)
    assert {row["model"] for row in rows} == {"markov_global", "shapley_rate", "participation"}
    credited = {
        (model, channel): orders
        for model, channel, orders in tea.rows("select model, channel, conversions from marts.attribution_effects")
    }
    compared = tea.value(
        """with orders as (
            select distinct order_id, ordered_on from core.order_money
            semi join (select order_id from marts.attribution_touches where touch_id is not null) using (order_id)
        )
        select count(*) filter (where ordered_on in (
            select day from core.spend_coverage where platform = '(all platforms)')) / count(*) from orders"""
    )
    assert 0.9 < compared < 1
    for row in rows:
        assert row["conversions"] / credited[row["model"], row["channel"]] == pytest.approx(compared)


def test_when_nothing_is_to_be_cut_the_headline_says_so(tea: Warehouse, facts: Facts) -> None:
    steps = {row["next_step"] for row in cards_numbers(tea) if row["spend_state"] == "spent"}
    assert ("cut nothing yet" in headline(tea, facts)) == ("cut" not in steps)


def test_an_interval_lies_around_its_return(tea: Warehouse) -> None:
    rows = [row for row in roas_numbers(tea) if row["roas_low"] is not None]
    assert rows
    for row in rows:
        assert row["roas_low"] <= row["roas"] <= row["roas_high"]


def test_claims_are_the_sums_of_the_export(tea: Warehouse) -> None:
    *platforms, together = claims_numbers(tea)
    claimed = tea.rows("select sum(claimed_conversions), sum(claimed_value) from core.spend")
    assert [(together["claimed_conversions"], together["claimed_value"])] == claimed
    assert sum(row["claimed_conversions"] for row in platforms) == together["claimed_conversions"]
    months = [row for row in claim_months_numbers(tea) if row["platform"] == "(all platforms)"]
    assert sum(row["claimed_conversions"] for row in months) == together["claimed_conversions"]


def test_too_many_claims_are_told_with_the_days_in_which_an_order_may_be_claimed(tea: Warehouse, facts: Facts) -> None:
    together = claims_numbers(tea)[-1] | {"double_claims_least": 7, "double_value_least": 90}
    days = text.plural(facts.settings["claim_days"], "day")
    said = double_claims(together, facts)
    assert said.startswith(f"At least 7 orders and {facts.money(90)} are claimed twice or were never booked")
    assert said.endswith(f"booked on these days and up to {days} later.")


def test_a_card_says_numbers_on_enough_cases_only_and_that_credit_is_no_effect(
    tea: Warehouse, tea_pages: Path, facts: Facts
) -> None:
    numbers = cards_numbers(tea)
    assert {row["channel"] for row in numbers} == {row["channel"] for row in channels_numbers(tea)} - {
        "No tracked touchpoint"
    }
    for card in cards(numbers, replace(facts, guard_n=100_000)):
        assert not card["is_enough"]
        assert all("too few" in value for name, value in card["facts"] if name.startswith("Returns"))
    said = read(tea_pages / "money.html").text
    assert said.count("Credit describes paths; it is not an effect.") == len(numbers)


def test_where_models_are_drawn_few_orders_are_hollow(tea: Warehouse, facts: Facts) -> None:
    svg = draw_roas(roas_numbers(tea), replace(facts, guard_n=100_000)).svg("x", "t")
    assert "too few to say" in svg


def test_without_spend_the_page_says_what_to_export_and_how_to_map_it(
    bare: Warehouse, bare_pages: Path, facts: Facts
) -> None:
    assert totals_numbers(bare) == []
    assert headline(bare, facts).startswith("No spend is known")
    said = read(bare_pages / "money.html").text
    assert "campaign report" in said
    assert "starts_on: Day" in said


def test_how_many_times_is_written_with_its_interval_or_not_at_all(facts: Facts) -> None:
    column = Column("roas", "R", "ratio", low="low", high="high", n="n")
    row = {"roas": 2.345, "low": 1.2, "high": 3.4, "n": 30}
    assert written(column, row, facts) == "2.35 (1.20 to 3.40)"
    assert written(column, row | {"n": 29}, facts) == "too few to say (n\u00a0=\u00a029)"
    assert written(column, {"roas": None, "n": None}, facts) == "–"


def test_headline(tea: Warehouse, facts: Facts) -> None:
    assert "spent. Next: " in headline(tea, facts)
