"""Verdicts on simulated towns: from people's journeys through the real models to agree, disagree or not enough data."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from benchmarks.towns import Town, town
from pipeline.build import make
from pipeline.catalog import Model, read_models
from pipeline.empty import empty_warehouse
from pipeline.warehouse import Warehouse

_STEPS = (
    "core.model_channels", "core.path_counts", "core.channel_effects", "core.credited_touches",
    "marts.attribution_touches", "marts.attribution_intervals", "marts.attribution_verdicts",
)  # fmt: skip
_CORE = {
    "core.channel_codes": """select unnest(range(1, {channels} + 1)) as channel_code,
        'Channel ' || channel_code as channel""",
    "core.journeys": """select person as journey_id, person as customer_id, codes as channel_codes,
        case when has_bought then 'converted' else 'lost' end as outcome,
        case when has_bought then 'o' || person end as order_id,
        revenue::decimal(18, 4) as revenue, len(codes) as count_touches, has_bought as is_first_order from people""",
    "core.orders": """select 'o' || person as order_id, person as customer_id, revenue::decimal(18, 4) as revenue,
        true as is_conversion, true as is_first_order, timestamp '2026-09-01' as ordered_at,
        timestamp '2026-09-01' as counted_until_at from people where has_bought""",
    "core.journey_steps": """select person as journey_id, person as customer_id, place as step_index,
        person * 100000 + place as touch_id, timestamp '2026-08-01' as occurred_at,
        codes[place] as channel_code, has_bought as is_creditable
        from (select *, unnest(range(1, len(codes) + 1)) as place from people)""",
    "core.touches": """select touch_id, customer_id, occurred_at, channel_code, 'Channel ' || channel_code as channel,
        '' as source, '' as medium, '' as campaign, '' as content from core.journey_steps""",
}


def laid_out(warehouse: Warehouse, given: Town) -> None:
    """Write the core tables of a town."""
    lists = pa.ListArray.from_arrays(pa.array(given.paths.offsets, pa.int32()), pa.array(given.paths.codes, pa.int16()))
    named = {"person": np.arange(1, len(given.revenue) + 1), "has_bought": given.has_bought, "revenue": given.revenue}
    with warehouse.given(pa.table(named | {"codes": lists}), "people"):
        for name, sql in _CORE.items():
            warehouse.create(name, sql.format(channels=given.paths.count_channels))


def judged(warehouse: Warehouse, models: dict[str, Model], given: Town) -> dict[str, str]:
    """Return the verdict on every channel, and on all, of a town; the warehouse holds its tables afterwards."""
    laid_out(warehouse, given)
    for name in _STEPS:
        make(models[name], warehouse)
    return dict(warehouse.rows("select channel, verdict from marts.attribution_verdicts"))


def shares(seeds: range, people: int, pull: float = 0.0) -> dict[str, float]:
    """Return how often some channel of a town, or all together, were judged, by verdict: shares of the seeds."""
    counted = dict.fromkeys(("agree", "disagree", "not enough data"), 0)
    models = read_models()
    with empty_warehouse() as warehouse:
        for seed in seeds:
            for verdict in set(judged(warehouse, models, town(seed, people, pull=pull)).values()):
                counted[verdict] += 1
    return {verdict: count / len(seeds) for verdict, count in counted.items()}
