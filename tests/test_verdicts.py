"""Verdicts on towns through the real models; `python -m benchmarks.towns` does the same for hundreds."""

from __future__ import annotations

from benchmarks.towns import town
from benchmarks.verdicts import judged
from pipeline.catalog import read_models
from pipeline.empty import empty_warehouse


def test_channels_without_a_difference_are_never_said_to_differ_and_a_true_one_is_found() -> None:
    models = read_models()
    with empty_warehouse() as warehouse:
        warehouse.execute("update config.settings set interval_draws = 200")
        for seed in (1, 2):
            assert "disagree" not in judged(warehouse, models, town(seed, 1200)).values()
        found = judged(warehouse, models, town(3, 6000, pull=1.5))
    assert found["Channel 2"] == "disagree"
    assert found["(all channels)"] == "agree"
