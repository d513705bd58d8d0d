"""The curve of time to convert against a second implementation, and funnels that are cut at a date or shuffled."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import CensoredData, ecdf

from pipeline.analysis.proportions import difference_interval, trend
from pipeline.build import make
from pipeline.catalog import read_models
from pipeline.config.tables import typed
from pipeline.warehouse import Warehouse

BEGIN = datetime(2026, 1, 1)


@pytest.fixture(scope="module")
def small():
    with Warehouse.open(threads=1) as warehouse:
        warehouse.write("config.settings", typed("settings", [{"as_of": BEGIN + timedelta(days=400)}]))
        yield warehouse, read_models()["core.funnel_curves"]


@settings(max_examples=40, deadline=None, derandomize=True)
@given(lives=st.lists(st.tuples(st.integers(1, 12), st.booleans()), min_size=1, max_size=40))
def test_the_curve_is_that_of_kaplan_and_meier(lives, small) -> None:
    warehouse, model = small
    rows = " union all ".join(
        f"select 1 as funnel_index, '{'converted' if is_converted else 'lost'}' as outcome, true as is_counted, "
        f"timestamp '{BEGIN}' as started_at, timestamp '{BEGIN + timedelta(days=days)}' as ended_at, "
        f"timestamp '{BEGIN + timedelta(days=days)}' as window_ends_at"
        for days, is_converted in lives
    )
    warehouse.create("core.funnel_entries", rows)
    make(model, warehouse)
    found = warehouse.rows(
        "select days, converted_share, converted_share_low, converted_share_high from core.funnel_curves order by days"
    )
    converted = [days for days, is_converted in lives if is_converted]
    if not converted:
        assert found == []
        return
    data = CensoredData(uncensored=converted, right=[days for days, is_converted in lives if not is_converted])
    survival = ecdf(data).sf
    ends = survival.confidence_interval(method="log-log")
    for days, share, low, high in found:
        assert share == pytest.approx(1 - survival.evaluate(days), abs=1e-9)
        if 1e-6 < share < 1 - 1e-6:
            assert low == pytest.approx(1 - ends.high.evaluate(days), abs=1e-5)
            assert high == pytest.approx(1 - ends.low.evaluate(days), abs=1e-5)
    assert [days for days, *_ in found] == sorted(set(converted))


def test_the_interval_of_a_difference_is_newcombes() -> None:
    """Newcombe 1998, table II, method 10: 56/70 less 48/80, and 9/10 less 3/10."""
    low, high = difference_interval(*(np.array(v) for v in ([56, 9], [70, 10], [48, 3], [80, 10])))
    assert low == pytest.approx([0.0524, 0.1705], abs=1e-4)
    assert high == pytest.approx([0.3339, 0.8090], abs=1e-4)


def test_a_trend_is_found_and_chance_is_not() -> None:
    """A one-degree test on three rows, checked by hand, and its level over many draws without a trend."""
    k, n = np.array([10, 20, 30]), np.array([100, 100, 100])
    assert trend(k, n) == pytest.approx(0.000407, abs=2e-5)
    draw = np.random.default_rng(4)
    found = [trend(draw.binomial(200, 0.2, 8), np.full(8, 200)) <= 0.05 for _ in range(2000)]
    assert np.mean(found) == pytest.approx(0.05, abs=0.012)
    assert np.isnan(trend(np.array([1, 2]), np.array([5, 5])))
    assert np.isnan(trend(np.array([0, 0, 0]), np.array([5, 5, 5])))
