"""Evidence on businesses whose causes are known; `python -m benchmarks.effects --seeds 200` does it for hundreds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from benchmarks.effects import STEPS, cards, evidence, told
from benchmarks.shoppers import laid_out, shoppers, tea_shop
from pipeline.build import make
from pipeline.catalog import read_models
from pipeline.empty import empty_warehouse

MODELS = read_models()


@pytest.fixture(scope="module")
def warehouse() -> Iterator[Any]:
    with empty_warehouse() as opened:
        yield opened


def test_a_channel_that_meets_people_about_to_buy_is_not_called_a_cause(warehouse) -> None:
    for seed in (1, 2, 3):
        found = evidence(warehouse, MODELS, tea_shop(seed, 1500))
        assert (found["Display"], found["Direct"]) == ("confounded", "confounded")
        nothing = evidence(warehouse, MODELS, shoppers(seed, 1500))
        assert (nothing["Brand"], nothing["Retargeting"]) == ("confounded", "confounded")
        assert "evidence of effect" not in nothing.values()
    says = dict(warehouse.rows("select channel, says from marts.channel_evidence"))
    assert says["Brand"].startswith("Not causal, test it: ")


def test_the_card_of_such_a_channel_says_not_causal_and_that_of_a_cause_is_to_keep_it(warehouse) -> None:
    evidence(warehouse, MODELS, tea_shop(1, 2000))
    found = cards(warehouse, MODELS)
    for name in ("Display", "Direct"):
        assert (found[name]["next_step"], found[name]["rule"]) == ("test", "confounded")
        assert told(found[name]) == "confounded (test, says: not causal, test it)"
    assert found["Display"]["count_orders"] >= 30
    evidence(warehouse, MODELS, shoppers(5, 4000, lift=2.2))
    found = cards(warehouse, MODELS)
    assert [name for name, card in found.items() if told(card).startswith("evidence of effect")] == ["Flyer"]
    assert (found["Flyer"]["next_step"], found["Flyer"]["grade"]) == ("keep", "B")


def test_a_strong_effect_that_comes_by_chance_is_found_and_nothing_beside_it(warehouse) -> None:
    found = evidence(warehouse, MODELS, shoppers(5, 4000, lift=2.2))
    assert [channel for channel, says in found.items() if says == "evidence of effect"] == ["Flyer"]


@pytest.mark.parametrize(("lift", "expected"), [(5.0, "evidence of effect"), (1.0, "no effect shown")])
def test_a_hold_out_tells_whether_there_is_an_effect(lift, expected, warehouse) -> None:
    people = 3000
    kept = np.arange(people) % 2 == 0
    laid_out(warehouse, shoppers(6, people, lift=np.where(kept, 1.0, lift)))
    warehouse.execute("delete from config.experiments")
    warehouse.execute("insert into config.experiments values ('flyers', 'kept from it', 60, 'conversion', 'Flyer')")
    warehouse.execute("delete from config.experiment_arms")
    warehouse.execute(
        "insert into config.experiment_arms values ('flyers', 'kept from it', 0.5), ('flyers', 'flyer', 0.5)"
    )
    warehouse.execute(
        f"""insert into core.touchpoints (customer_id, occurred_at, interaction, is_machine, is_test, experiment, variant)
        select person, timestamp '2026-05-31 12:00:00', 'other', false, false, 'flyers',
            case when (person - 1) % 2 = 0 then 'kept from it' else 'flyer' end from range(1, {people + 1}) as r(person)"""
    )
    for name in STEPS:
        make(MODELS[name], warehouse)
    row = warehouse.records("select * from marts.channel_evidence where channel = 'Flyer'")[0]
    warehouse.execute("delete from config.experiments")
    warehouse.execute("delete from config.experiment_arms")
    assert (row["basis"], row["evidence"]) == ("hold-out", expected)
    assert (row["count_exposed"], row["count_unexposed"]) == (1500, 1500)
    assert row["difference_low"] <= row["difference"] <= row["difference_high"]
