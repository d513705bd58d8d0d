"""The nightly models asked what the peers are asked: `python -m benchmarks.ours FILE`, a process of its own.

From one row a touch in Parquet: journeys are cut as the night cuts them, then every model runs as it is. They answer
more than is asked: twelve models to the cent for every touch, five levels, the order of the chain chosen.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq

from pipeline.build import make
from pipeline.catalog import read_models
from pipeline.empty import empty_warehouse
from pipeline.warehouse import Warehouse

MODELS = (
    "core.model_channels", "core.path_counts", "core.channel_effects", "core.credited_touches",
    "marts.attribution_touches", "marts.attribution", "marts.attribution_effects",
)  # fmt: skip
#: What a night has before its journeys are cut; not timed.
_GIVEN = {
    "core.channel_codes": "select c::smallint as channel_code, 'Channel ' || c as channel from range(1, 13) as t (c)",
    "core.touches": """select journey * 100000 + place as touch_id, journey as customer_id,
        timestamp '2026-08-01' as occurred_at, channel::smallint as channel_code, 'Channel ' || channel as channel,
        '' as source, '' as medium, '' as campaign, '' as content from touches""",
    "core.orders": """select 'o' || journey as order_id, journey as customer_id,
        any_value(revenue)::decimal(18, 4) as revenue, true as is_conversion, true as is_first_order,
        timestamp '2026-09-01' as ordered_at,
        timestamp '2026-09-01' as counted_until_at from touches where has_bought group by journey""",
}
#: Journeys, cut from the file: journey, place, channel and whether it bought in one number, sorted once.
_CUT = {
    "private.sorted": """select (journey << 24) | (place << 8) | (channel << 1) | has_bought::int as step from touches
        order by step""",
    "core.journey_steps": """select step >> 24 as journey_id, step >> 24 as customer_id,
        ((step >> 8) & 65535) + 1 as step_index, (step >> 24) * 100000 + ((step >> 8) & 65535) as touch_id,
        timestamp '2026-08-01' as occurred_at, ((step >> 1) & 127)::smallint as channel_code,
        (step & 1) = 1 as is_creditable from private.sorted""",
    "core.journeys": """select journey_id, journey_id as customer_id,
        list_transform(list_sort(steps), lambda step: ((step >> 1) & 127)::smallint) as channel_codes,
        case when (steps[1] & 1) = 1 then 'converted' else 'lost' end as outcome,
        case when (steps[1] & 1) = 1 then 'o' || journey_id end as order_id, coalesce(orders.revenue, 0) as revenue,
        len(steps) as count_touches, (steps[1] & 1) = 1 as is_first_order
        from (select step >> 24 as journey_id, list(step) as steps from private.sorted group by 1)
        left join core.orders as orders on orders.customer_id = journey_id and (steps[1] & 1) = 1""",
}


def _answer(warehouse: Warehouse) -> dict[str, list[float]]:
    """Return orders by channel of the models that peers are asked for; Markov of the order that was chosen."""
    found: dict[str, list[float]] = {}
    for model, share in warehouse.rows(
        """select model, list(conversions order by channel_code) from (
            select model, channel_code, sum(conversions) as conversions
            from marts.attribution join core.channel_codes using (channel)
            where level = 'channel' and model in ('first', 'last', 'linear') group by all)
        group by model"""
    ):
        found[model] = [float(value) for value in share]
    sql = """select max(markov_order), sum(count_converted),
        list(removal_effect / (select sum(removal_effect) from core.channel_effects) order by channel_code),
        list(shapley_value order by channel_code)
        from core.channel_effects join core.model_channels using (model_code)"""
    order, _, removal, added = next(iter(warehouse.rows(sql)))
    orders = float(sum(found["first"]))
    found[f"markov {order}"] = [float(share) * orders for share in removal]
    return found | {"shapley": [float(value) for value in added]}


def main(file: str) -> None:
    """Run the models on the file and print what they say and took, as JSON."""
    models = read_models()
    with empty_warehouse() as warehouse:
        warehouse.execute("set threads = 2")
        with warehouse.given(pq.read_table(file), "touches"):
            for name, sql in _GIVEN.items():
                warehouse.create(name, sql)
        begun, wall = time.process_time(), time.perf_counter()
        with warehouse.given(pq.read_table(file, columns=["journey", "place", "channel", "has_bought"]), "touches"):
            for name, sql in _CUT.items():
                warehouse.create(name, sql, kind="view" if name == "core.journey_steps" else "table")
        cut = time.process_time() - begun
        for name in MODELS:
            make(models[name], warehouse)
        seconds = time.process_time() - begun, time.perf_counter() - wall
        answer = _answer(warehouse)
    status = Path("/proc/self/status").read_text(encoding="ascii")
    peak = int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 2**20
    print(json.dumps({"answer": answer, "cpu": seconds[0], "wall": seconds[1], "cut": cut, "peak_gib": peak}))


if __name__ == "__main__":
    main(sys.argv[1])
